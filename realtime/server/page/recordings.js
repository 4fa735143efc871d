// The recordings' part of the panel: here in the browser, and on the server with all its tracks.

import { $, isPressed, element } from "./elements.js";
import { canRecord, Recorder } from "./recorder.js";

const TRACKS = ["wet", "dry", "edit"];

export class Recordings extends EventTarget {
  // Events: "wish" ({on, what}) for the server, "change" (whether anything is recorded), and "told"
  // (a sentence).
  #recorder = new Recorder();
  #since = { here: 0, there: 0 };
  #live = false;
  #allowed = false;

  constructor(returned) {
    super();
    $("record").addEventListener("click", () => this.toggle(returned()));
    $("record-there").addEventListener("click", () => this.#ask());
    for (const name of TRACKS) $(`keep-${name}`).addEventListener("change", () => this.#enable());
    this.#recorder.addEventListener("change", ({ detail }) => this.#mark("here", detail));
    this.#recorder.addEventListener("file", ({ detail }) => {
      save(detail);
      this.#list("here", detail);
      this.dispatchEvent(new CustomEvent("told", { detail: `Saved as ${detail.name}.` }));
    });
    setInterval(() => this.#tick(), 500);
    this.live = false;
  }

  /** Whether there is something to record; a browser's recording ends with it. */
  set live(live) {
    this.#live = live;
    if (!live) {
      this.#recorder.stop();
      this.#mark("there", false);
    }
    this.#enable();
  }

  /** Whether the server records at all. */
  set allowed(allowed) {
    this.#allowed = allowed;
    $("there-tracks").hidden = !allowed;
    $("there-refused").hidden = allowed;
    this.#enable();
  }

  toggle(stream) {
    if (this.#recorder.recording) this.#recorder.stop();
    else if (this.#live && stream && canRecord()) this.#recorder.start(stream);
  }

  /** End what is recorded here, before the stream changes or goes. */
  finish() {
    this.#recorder.stop();
  }

  follow({ on, files = [], error = "" }) {
    this.#mark("there", on);
    $("there-error").textContent = error;
    $("there-error").hidden = !error;
    if (!on) for (const file of files) this.#list("there", file);
  }

  #ask() {
    const what = TRACKS.filter((name) => $(`keep-${name}`).checked);
    const on = !isPressed($("record-there"));
    if ($("record-there").getAttribute("aria-disabled") === "true") return;
    this.dispatchEvent(new CustomEvent("wish", { detail: { on, what } }));
  }

  #mark(where, on) {
    const button = $(where === "here" ? "record" : "record-there");
    if (on && !this.#since[where]) this.#since[where] = performance.now();
    if (!on) this.#since[where] = 0;
    button.setAttribute("aria-pressed", String(on));
    this.#tick();
    this.dispatchEvent(new CustomEvent("change", { detail: this.#since.here > 0 || this.#since.there > 0 }));
  }

  #enable() {
    const some = TRACKS.some((name) => $(`keep-${name}`).checked);
    $("record").setAttribute("aria-disabled", String(!this.#live || !canRecord()));
    $("record-there").setAttribute("aria-disabled", String(!this.#live || !this.#allowed || !some));
  }

  #tick() {
    const since = Math.max(this.#since.here, this.#since.there);
    const seconds = since ? Math.floor((performance.now() - since) / 1000) : 0;
    $("recorded").textContent = `${Math.floor(seconds / 60)}:${String(seconds % 60).padStart(2, "0")}`;
  }

  #list(where, { name, url }) {
    const address = new URL(url, location.href);
    if (address.origin !== location.origin) return; // the server names its own files only
    const link = element("a", { href: address.href, download: name }, name);
    const list = $(`files-${where}`);
    if ([...list.querySelectorAll("a")].some(({ href }) => href === link.href)) return;
    list.append(element("li", {}, link));
    $("files").hidden = false;
  }
}

function save({ name, url }) {
  element("a", { href: url, download: name }).click();
}
