// Which camera, microphone and loudspeaker are used: the choice, its changes, and what comes and goes.

import { $ } from "./elements.js";
import { openDevices, openOne, listDevices, CameraError } from "./camera.js";
import { remember, settings } from "./settings.js";

const SELECTS = { videoinput: $("camera"), audioinput: $("microphone"), audiooutput: $("output") };
const USUAL = "The browser's choice";

export class Devices extends EventTarget {
  // Events: "track" (a new track of the stream; the old one is stopped), "restart" (sound came or
  // went: only a new call can), "gone" and "back" (the camera), "told" (a sentence).
  #stream = null;

  constructor() {
    super();
    $("size").value = settings.size;
    if (!$("size").value) $("size").value = "1280x720";
    $("camera").addEventListener("change", () => this.#change("video"));
    $("size").addEventListener("change", () => this.#change("video"));
    $("microphone").addEventListener("change", () => this.#change("audio"));
    $("output").addEventListener("change", () => { this.#keep(); this.#route(); });
    $("output-field").hidden = !("setSinkId" in HTMLMediaElement.prototype);
    navigator.mediaDevices?.addEventListener("devicechange", () => this.#look());
    this.#fill([]);
  }

  get stream() {
    return this.#stream;
  }

  async open() {
    const stream = await this.#openChosen();
    this.#stream = stream;
    this.#mind(stream.getVideoTracks()[0]);
    await this.#look();
    this.#route();
    if (!stream.getAudioTracks().length && settings.microphone !== "none") {
      this.#tell("No microphone was found or allowed, so there is no sound.");
    }
    return stream;
  }

  close() {
    for (const track of this.#stream?.getTracks() ?? []) track.stop();
    this.#stream = null;
  }

  async #openChosen() {
    try {
      return await openDevices(settings);
    } catch (error) {
      if (error.cause?.name !== "OverconstrainedError") throw error;
      remember({ camera: "", microphone: settings.microphone === "none" ? "none" : "" });
      return openDevices(settings);
    }
  }

  async #change(kind) {
    this.#keep();
    if (!this.#stream) return;
    const [old] = this.#stream.getTracks().filter((track) => track.kind === kind);
    if (kind === "audio" && (!old || settings.microphone === "none")) {
      await this.#addOrDropSound(old);
      return;
    }
    try {
      this.#take(await this.#openBeside(kind, old), old);
    } catch (error) {
      if (!(error instanceof CameraError)) throw error;
      this.#tell(error.message);
    }
  }

  /** Open another while the old one runs; phones can film with one camera only. */
  async #openBeside(kind, old) {
    try {
      return await openOne(kind, settings);
    } catch (error) {
      if (error.cause?.name !== "NotReadableError") throw error;
      old?.stop();
      return openOne(kind, settings);
    }
  }

  #take(track, old) {
    if (!this.#stream) {
      track.stop();
      return;
    }
    if (old) {
      this.#stream.removeTrack(old);
      old.stop();
    }
    this.#stream.addTrack(track);
    if (track.kind === "video") this.#mind(track);
    this.dispatchEvent(new CustomEvent("track", { detail: track }));
  }

  async #addOrDropSound(old) {
    if (old) {
      this.#stream.removeTrack(old);
      old.stop();
    } else if (settings.microphone !== "none") {
      try {
        this.#stream.addTrack(await openOne("audio", settings));
      } catch (error) {
        if (!(error instanceof CameraError)) throw error;
        this.#tell("That microphone could not be opened.");
        return;
      }
    }
    this.dispatchEvent(new CustomEvent("restart"));
  }

  /** A camera that is unplugged ends its track; what is plugged in again is opened again. */
  #mind(track) {
    track.addEventListener("ended", () => {
      if (!this.#stream?.getTracks().includes(track)) return;
      this.dispatchEvent(new CustomEvent("gone"));
    });
  }

  async #look() {
    const found = await listDevices();
    this.#fill(found);
    const [track] = this.#stream?.getVideoTracks() ?? [];
    if (track?.readyState !== "ended" || !found.some(({ kind }) => kind === "videoinput")) return;
    try {
      this.#take(await openOne("video", settings), track);
      this.dispatchEvent(new CustomEvent("back"));
    } catch (error) {
      if (!(error instanceof CameraError)) throw error; // not yet ready, or not the one chosen
    }
  }

  #fill(found) {
    for (const [kind, select] of Object.entries(SELECTS)) {
      const chosen = settings[select.id];
      const options = found.filter((device) => device.kind === kind).map(({ id, name }) => new Option(name, id));
      if (!options.some(({ value }) => value === "default")) options.unshift(new Option(USUAL, ""));
      if (kind === "audioinput") options.push(new Option("No microphone", "none"));
      select.replaceChildren(...options);
      const inUse = this.#stream?.getTracks().find(({ kind: of }) => kind.startsWith(of))?.getSettings().deviceId;
      const fits = [chosen, inUse, "default", ""].find((id) => id !== undefined && options.some(({ value }) => value === id && value !== ""));
      select.value = fits ?? options[0].value;
    }
  }

  #keep() {
    remember({ camera: $("camera").value, microphone: $("microphone").value, output: $("output").value, size: $("size").value });
  }

  async #route() {
    if ($("output-field").hidden || !settings.output) return;
    try {
      await $("after").setSinkId(settings.output);
    } catch {
      remember({ output: "" });
      $("output").value = "";
      this.#tell("That loudspeaker is not there; sound goes to the usual one.");
    }
  }

  #tell(sentence) {
    this.dispatchEvent(new CustomEvent("told", { detail: sentence }));
  }
}
