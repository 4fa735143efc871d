// Before and after: one of them, both side by side, or one over the other with an edge to drag.

import { $, mark } from "./elements.js";

const STEP = 2;
const VIEWS = ["before", "split", "both", "after"];

export class Comparison extends EventTarget {
  // Event "view": the name of the view that was chosen.
  #stage = $("stage");
  #edge = $("divider");
  #buttons = [...document.querySelectorAll("#views [data-view]")];
  #at = 50;

  constructor(view) {
    super();
    for (const button of this.#buttons) button.addEventListener("click", () => this.show(button.dataset.view));
    this.#edge.addEventListener("keydown", (event) => this.#press(event));
    this.#stage.addEventListener("pointerdown", (event) => {
      if (this.#stage.dataset.view !== "split" || event.button !== 0 || event.target.closest("button, a, input, #notice, #hud")) return;
      this.#stage.setPointerCapture(event.pointerId);
      this.#drag(event);
    });
    this.#stage.addEventListener("pointermove", (event) => {
      if (this.#stage.hasPointerCapture(event.pointerId)) this.#drag(event);
    });
    this.#move(50);
    this.show(VIEWS.includes(view) ? view : "after");
  }

  show(view) {
    mark(this.#buttons, (button) => button.dataset.view === view);
    this.#stage.dataset.view = view;
    this.#edge.hidden = view !== "split";
    this.dispatchEvent(new CustomEvent("view", { detail: view }));
  }

  next() {
    this.show(VIEWS[(VIEWS.indexOf(this.#stage.dataset.view) + 1) % VIEWS.length]);
  }

  #drag({ clientX }) {
    const { left, width } = this.#stage.getBoundingClientRect();
    this.#move((100 * (clientX - left)) / width);
  }

  #press(event) {
    const to = {
      ArrowLeft: this.#at - STEP, ArrowDown: this.#at - STEP, ArrowRight: this.#at + STEP, ArrowUp: this.#at + STEP,
      PageDown: this.#at - 5 * STEP, PageUp: this.#at + 5 * STEP, Home: 0, End: 100,
    }[event.key];
    if (to === undefined || event.ctrlKey || event.altKey || event.metaKey) return;
    event.preventDefault();
    this.#move(to);
  }

  #move(percent) {
    this.#at = Math.min(100, Math.max(0, percent));
    this.#stage.style.setProperty("--edge", `${this.#at}%`);
    this.#edge.setAttribute("aria-valuenow", this.#at.toFixed(0));
    this.#edge.setAttribute("aria-valuetext", `${this.#at.toFixed(0)} % before, ${(100 - this.#at).toFixed(0)} % after`);
  }
}
