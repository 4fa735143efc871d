// Records the returned picture and sound in the browser, and offers the file.

const KINDS = ["video/webm;codecs=vp8,opus", "video/webm", "video/mp4"];
const PIECE_MS = 1000;

export function canRecord() {
  return typeof MediaRecorder === "function";
}

export class Recorder extends EventTarget {
  // Events: "change" (whether it records) and "file" ({name, url}).
  #recorder = null;
  #pieces = [];

  get recording() {
    return this.#recorder !== null;
  }

  start(stream) {
    if (this.#recorder) return;
    const mimeType = KINDS.find((kind) => MediaRecorder.isTypeSupported(kind));
    const recorder = new MediaRecorder(stream, { mimeType, videoBitsPerSecond: 4_000_000 });
    this.#pieces = [];
    recorder.addEventListener("dataavailable", ({ data }) => { if (data.size) this.#pieces.push(data); });
    recorder.addEventListener("stop", () => this.#finish(recorder));
    recorder.start(PIECE_MS);
    this.#recorder = recorder;
    this.dispatchEvent(new CustomEvent("change", { detail: true }));
  }

  /** End and offer the file; without a recording nothing happens. */
  stop() {
    if (this.#recorder?.state !== "inactive") this.#recorder?.stop();
  }

  #finish({ mimeType }) {
    this.#recorder = null;
    this.dispatchEvent(new CustomEvent("change", { detail: false }));
    if (!this.#pieces.length) return;
    const url = URL.createObjectURL(new Blob(this.#pieces, { type: mimeType }));
    this.#pieces = [];
    const stamp = new Date().toISOString().slice(0, 19).replace("T", "-").replaceAll(":", "");
    const name = `visavis-${stamp}.${mimeType.includes("mp4") ? "mp4" : "webm"}`;
    this.dispatchEvent(new CustomEvent("file", { detail: { name, url } }));
  }
}
