// What the person at the page allows their face to be made to show, whoever controls the call.

import { $, mark, isPressed, turn, signed } from "./elements.js";
import { showValue } from "./expression.js";

const LOOSEST = { lowest: -1, highest: 1.5, forbidden: [] };
const SEND_AFTER_MS = 120;

export class Limits extends EventTarget {
  // Events: "wish" ({lowest, highest, forbidden}) and "forbidden" (the emotions that are not shown).
  #lowest = $("lowest");
  #highest = $("highest");
  #words = [...document.querySelectorAll("[data-forbid]")];
  #wanted;
  #timer = 0;

  constructor(wanted) {
    super();
    this.#wanted = sound(wanted);
    this.#lowest.addEventListener("input", () => this.#limit(this.#lowest, this.#highest, Math.max));
    this.#highest.addEventListener("input", () => this.#limit(this.#highest, this.#lowest, Math.min));
    for (const word of this.#words) word.addEventListener("click", () => { turn(word); this.#wish(); });
    $("limits-reset").addEventListener("click", () => { this.#show(LOOSEST); this.#wish(); });
    this.#show(this.#wanted ?? LOOSEST);
  }

  /** What to tell a new call; null where nobody ever set a limit. */
  get wanted() {
    return this.#wanted;
  }

  /** Show what holds: the server's own limits may be tighter than what is asked for. */
  follow(told) {
    if (this.#timer) return; // a hand is on them
    const held = sound(told);
    if (!held) return;
    const wanted = this.#wanted ?? LOOSEST;
    const tighter = held.lowest > wanted.lowest + 1e-6 || held.highest < wanted.highest - 1e-6
      || held.forbidden.some((emotion) => !wanted.forbidden.includes(emotion));
    $("limits-note").hidden = !tighter;
    $("limits-note").textContent = `The server's own limits are tighter: ${signed(held.lowest)} to ${signed(held.highest)}.`;
    this.#show(held);
  }

  #limit(moved, other, further) {
    other.value = further(other.valueAsNumber, moved.valueAsNumber);
    this.#wish();
  }

  #wish() {
    this.#wanted = {
      lowest: this.#lowest.valueAsNumber,
      highest: this.#highest.valueAsNumber,
      forbidden: this.#words.filter(isPressed).map(({ dataset }) => dataset.forbid),
    };
    this.#show(this.#wanted);
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => {
      this.#timer = 0;
      this.dispatchEvent(new CustomEvent("wish", { detail: this.#wanted }));
    }, SEND_AFTER_MS);
  }

  #show({ lowest, highest, forbidden }) {
    this.#lowest.value = lowest;
    this.#highest.value = highest;
    showValue(this.#lowest);
    showValue(this.#highest);
    mark(this.#words, ({ dataset }) => forbidden.includes(dataset.forbid));
    this.dispatchEvent(new CustomEvent("forbidden", { detail: forbidden }));
  }
}

/** The limits if they are such, else null. */
function sound(limits) {
  if (typeof limits?.lowest !== "number" || typeof limits.highest !== "number") return null;
  const { lowest, highest, forbidden } = limits;
  return { lowest, highest, forbidden: Array.isArray(forbidden) ? forbidden : [] };
}
