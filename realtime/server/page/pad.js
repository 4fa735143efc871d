// The plane of feelings: left to right unpleasant to pleasant, bottom to top calm to lively.

import { signed } from "./elements.js";

const STEP = 0.05;
const LEAP = 0.25;
const MOVES = {
  ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowDown: [0, -1], ArrowUp: [0, 1],
};

export class Pad {
  #plane;
  #knob;
  #onMove;
  #at = [0, 0];

  constructor(plane, onMove) {
    this.#plane = plane;
    this.#knob = plane.querySelector(".knob");
    this.#onMove = onMove;
    plane.addEventListener("pointerdown", (event) => {
      if (event.button !== 0) return;
      plane.setPointerCapture(event.pointerId);
      plane.focus({ preventScroll: true });
      this.#drag(event);
    });
    plane.addEventListener("pointermove", (event) => {
      if (plane.hasPointerCapture(event.pointerId)) this.#drag(event);
    });
    plane.addEventListener("keydown", (event) => this.#press(event));
  }

  /** Put the knob at (valence, arousal); a pad that is not in charge shows it hollow. */
  show([valence, arousal], active) {
    this.#at = [valence, arousal];
    this.#knob.style.setProperty("--x", `${50 + 50 * valence}%`);
    this.#knob.style.setProperty("--y", `${50 - 50 * arousal}%`);
    this.#plane.classList.toggle("active", active);
    this.#plane.setAttribute("aria-valuenow", valence.toFixed(2));
    this.#plane.setAttribute("aria-valuetext",
      `${active ? "" : "not in use, "}pleasant ${signed(valence)}, lively ${signed(arousal)}`);
  }

  #drag({ clientX, clientY }) {
    const { left, top, width, height } = this.#plane.getBoundingClientRect();
    this.#move((2 * (clientX - left)) / width - 1, 1 - (2 * (clientY - top)) / height);
  }

  #press(event) {
    if (event.ctrlKey || event.altKey || event.metaKey) return;
    const move = MOVES[event.key];
    if (!move && event.key !== "Home") return;
    event.preventDefault();
    event.stopPropagation();
    const by = event.shiftKey ? LEAP : STEP;
    if (move) this.#move(this.#at[0] + by * move[0], this.#at[1] + by * move[1]);
    else this.#move(0, 0);
  }

  #move(valence, arousal) {
    const [x, y] = [valence, arousal].map((value) => Math.round(100 * Math.min(1, Math.max(-1, value))) / 100);
    this.#onMove(x, y);
  }
}
