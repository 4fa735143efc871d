// The controls of the edit: words, the pad, sliders and presets, in step with the server.

import { $, mark, element, signed } from "./elements.js";
import { Pad } from "./pad.js";

const AHEAD_MS = 400; // after a touch the controls lead; then they show what the server holds
const BEGINNING_MS = 1500; // the same for a call that begins with an edit made before it
const SEND_EVERY_MS = 40;

export class Expression extends EventTarget {
  // Event "wish": a person wants {fields} of the edit set. "preset": a name.
  #words = [...document.querySelectorAll("[data-emotion]")];
  #sliders = ["intensity", "brows", "eyes", "mouth", "ramp"].map($);
  #pad;
  #edit = { emotion: null, valence: null, arousal: null, intensity: 1, brows: 1, eyes: 1, mouth: 1, ramp_ms: 250 };
  #touched = false;
  #pending = null;
  #told = null;
  #settling = 0;

  constructor() {
    super();
    for (const word of this.#words) word.addEventListener("click", () => this.choose(word.dataset.emotion || null));
    this.#pad = new Pad($("pad"), (valence, arousal) => this.#wish({ emotion: null, valence, arousal }));
    for (const slider of this.#sliders) {
      slider.addEventListener("input", () => this.#wish({ [field(slider)]: slider.valueAsNumber }));
    }
    this.#show();
  }

  /** Choose a word; null gives one's own face back. */
  choose(emotion) {
    const word = this.#words.find(({ dataset }) => dataset.emotion === (emotion ?? ""));
    if (word.getAttribute("aria-disabled") !== "true") this.#wish({ emotion, valence: null, arousal: null });
  }

  /** Choose the word at a place in the grid; false where there is none. */
  chooseAt(place) {
    const word = this.#words[place];
    word?.click();
    word?.focus();
    return Boolean(word);
  }

  /** Show at once that nothing is edited; the server is told by "panic". */
  drop() {
    clearTimeout(this.#pending?.timer);
    this.#pending = null;
    Object.assign(this.#edit, { emotion: null, valence: null, arousal: null });
    this.#lead();
    this.#show();
  }

  /** The edit to begin a call with, or null while nobody has touched one: then the server's holds. */
  begin() {
    if (!this.#touched) return null;
    this.#lead(BEGINNING_MS);
    return { ...this.#edit };
  }

  /** Take over what the server holds, unless a hand is still on the controls. */
  follow(told) {
    this.#told = told;
    if (!this.#settling) this.#settle();
  }

  forbid(emotions) {
    for (const word of this.#words) {
      const forbidden = emotions.includes(word.dataset.emotion);
      word.toggleAttribute("aria-disabled", false);
      if (forbidden) word.setAttribute("aria-disabled", "true");
      word.title = forbidden ? "Your limits do not allow it" : "";
    }
  }

  offer(presets) {
    const offered = presets.filter((name) => name !== "off"); // there is a button for that
    $("presets").replaceChildren(...offered.map((name) => {
      const button = element("button", { type: "button", class: "chip" }, name);
      button.addEventListener("click", () => {
        this.#touched = true;
        this.dispatchEvent(new CustomEvent("preset", { detail: name }));
      });
      return button;
    }));
    $("preset-group").hidden = offered.length === 0;
  }

  #wish(fields) {
    this.#touched = true;
    Object.assign(this.#edit, fields);
    this.#lead();
    this.#show();
    this.#send(fields);
  }

  /** Send at most every few milliseconds, however fast a slider is dragged; the last always. */
  #send(fields) {
    if (this.#pending) {
      Object.assign(this.#pending.fields, fields);
      return;
    }
    this.dispatchEvent(new CustomEvent("wish", { detail: fields }));
    const flush = () => {
      const { fields: left } = this.#pending;
      this.#pending = null;
      if (Object.keys(left).length) this.#send(left);
    };
    this.#pending = { fields: {}, timer: setTimeout(flush, SEND_EVERY_MS) };
  }

  #lead(spent = AHEAD_MS) {
    clearTimeout(this.#settling);
    this.#settling = setTimeout(() => {
      this.#settling = 0;
      this.#settle();
    }, spent);
  }

  #settle() {
    if (!this.#told) return;
    for (const name of Object.keys(this.#edit)) {
      if (this.#told[name] !== undefined) this.#edit[name] = this.#told[name];
    }
    this.#told = null;
    this.#show();
  }

  #show() {
    const { emotion, valence, arousal } = this.#edit;
    const onPad = valence !== null;
    mark(this.#words, (word) => !onPad && word.dataset.emotion === (emotion ?? ""));
    this.#pad.show(onPad ? [valence, arousal] : this.#placeOf(emotion), onPad);
    for (const slider of this.#sliders) {
      slider.value = this.#edit[field(slider)];
      showValue(slider);
    }
  }

  #placeOf(emotion) {
    const label = emotion && $("pad").querySelector(`[data-at="${emotion}"]`);
    return label ? [Number(label.dataset.valence), Number(label.dataset.arousal)] : [0, 0];
  }
}

/** Write a slider's value beside it, and fill its track from zero, or from an end, to the thumb. */
export function showValue(slider) {
  const value = slider.valueAsNumber;
  const text = slider.dataset.unit ? `${value / 1000} s` : signed(value);
  slider.parentElement.querySelector(".value").textContent = text;
  if (slider.dataset.unit) slider.setAttribute("aria-valuetext", `${value / 1000} seconds`);
  const [min, max] = [Number(slider.min), Number(slider.max)];
  const share = (x) => `${(100 * (x - min)) / (max - min)}%`;
  const { fill = "" } = slider.dataset;
  const start = { up: max, down: min }[fill] ?? Math.max(min, 0);
  slider.style.setProperty("--from", share(Math.min(start, value)));
  slider.style.setProperty("--to", share(Math.max(start, value)));
}

function field({ id }) {
  return id === "ramp" ? "ramp_ms" : id;
}
