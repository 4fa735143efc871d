// What the voice does to the face: the controls, in step with the server, and what is heard just now.

import { $, element, signed } from "./elements.js";
import { showValue } from "./expression.js";

const HEARD = ["happy", "sad", "angry", "fear", "disgust", "surprise", "neutral"];
const SHOWN = [
  ["own", "What I chose"], ["calm", "Calm"], ["neutral", "Neutral"], ["happy", "Happy"], ["sad", "Sad"], ["angry", "Angry"],
  ["fear", "Fear"], ["disgust", "Disgust"], ["surprise", "Surprise"], ["contempt", "Contempt"],
];
const AS_HEARD = { ...Object.fromEntries(HEARD.map((word) => [word, word])), neutral: "own" };
const USUAL = { follow: "off", calm: false, by: "emotion", strength: 0.8, smoothing_ms: 400, sure: 0.45, map: AS_HEARD };

const AHEAD_MS = 400; // after a touch the controls lead; then they show what the server holds
const BEGINNING_MS = 1500; // the same for a call that begins with what was set before it
const SEND_EVERY_MS = 40;

const NAMES = {
  starting: "loading…",
  unavailable: "not available",
  "no microphone": "no microphone",
  silent: "silence – is the microphone muted?",
  "no speech": "no speech",
  listening: "listening…",
  unsure: "unsure",
};

export class Voice extends EventTarget {
  // Event "wish": a person wants {fields} set.
  #sliders = { strength: $("voice-strength"), smoothing_ms: $("voice-smoothing"), sure: $("voice-sure") };
  #choices = {};
  #set = structuredClone(USUAL);
  #touched = false;
  #told = null;
  #settling = 0;
  #pending = null;

  constructor() {
    super();
    this.#offerMap();
    $("voice-follow").addEventListener("change", ({ target }) => this.#wish({ follow: target.checked ? "voice" : "off" }));
    $("voice-calm").addEventListener("change", ({ target }) => this.#wish({ calm: target.checked }));
    $("voice-by").addEventListener("change", ({ target }) => this.#wish({ by: target.value }));
    for (const [name, slider] of Object.entries(this.#sliders)) {
      slider.addEventListener("input", () => this.#wish({ [name]: slider.valueAsNumber }));
    }
    $("voice-as-heard").addEventListener("click", () => this.#wish({ map: { ...AS_HEARD } }));
    this.#show();
    this.hear(null);
  }

  /** What to tell a new call; null where nobody touched it. */
  begin() {
    if (!this.#touched) return null;
    this.#lead(BEGINNING_MS);
    return structuredClone(this.#set);
  }

  /** Take over what the server holds, unless a hand is still on the controls. */
  follow({ type, ...told }) {
    this.#told = told;
    if (!this.#settling) this.#settle();
  }

  /** Show at once that the voice drives nothing; the server is told by "panic". */
  drop() {
    clearTimeout(this.#pending?.timer);
    this.#pending = null;
    Object.assign(this.#set, { follow: "off", calm: false });
    this.#lead();
    this.#show();
  }

  /** Show what is heard; null while nobody listens. */
  hear(voice) {
    const said = voice ? told(voice) : "";
    $("stage").classList.toggle("listening", Boolean(voice));
    if ($("voice-brief").textContent !== said) $("voice-brief").textContent = said;
    const line = voice ? `Heard: ${said}. ${shownFor(voice)}` : "Nobody listens now.";
    if ($("voice-now").textContent !== line) $("voice-now").textContent = line;
  }

  #offerMap() {
    for (const heard of HEARD) {
      const select = element("select", { id: `voice-map-${heard}` }, ...SHOWN.map(([word, name]) => new Option(name, word)));
      select.addEventListener("change", () => this.#wish({ map: { ...this.#set.map, [heard]: select.value } }));
      this.#choices[heard] = select;
      const label = element("label", { for: select.id }, heard[0].toUpperCase() + heard.slice(1));
      $("voice-map").append(element("div", { class: "pair" }, label, select));
    }
  }

  #wish(fields) {
    this.#touched = true;
    Object.assign(this.#set, fields);
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
    for (const name of Object.keys(USUAL)) {
      if (this.#told[name] !== undefined) this.#set[name] = structuredClone(this.#told[name]);
    }
    this.#told = null;
    this.#show();
  }

  #show() {
    $("voice-follow").checked = this.#set.follow === "voice";
    $("voice-calm").checked = this.#set.calm;
    $("voice-by").value = this.#set.by;
    for (const [name, slider] of Object.entries(this.#sliders)) {
      slider.value = this.#set[name];
      showValue(slider);
    }
    for (const heard of HEARD) this.#choices[heard].value = this.#set.map[heard] ?? AS_HEARD[heard];
  }
}

/** The rows that the measurements show of a voice; none while nobody listens. */
export function voiceRows(voice) {
  if (!voice) return [];
  const known = voice.probabilities !== null;
  const bars = HEARD.map((name) => {
    const share = known ? 100 * voice.probabilities[name] : 0;
    return { name, kind: voice.emotion === name ? "claimed" : "", text: known ? `${share.toFixed(0)} %` : "–", p50: share, p95: share };
  });
  return [
    { name: "voice", text: told(voice) },
    { name: "face shows", text: voice.shows ? `${voice.shows} ${signed(voice.intensity)}` : "what you chose" },
    ...bars,
    { name: "pleasant · lively", text: known ? `${signed(voice.valence)} · ${signed(voice.arousal)}` : "–" },
  ];
}

function told({ hears, emotion, confidence, reason }) {
  if (hears === "heard") return `${emotion} ${Math.round(100 * confidence)} %`;
  return reason ? `${NAMES[hears] ?? hears}: ${reason}` : NAMES[hears] ?? hears;
}

function shownFor({ shows }) {
  return shows ? `Your face shows ${shows === "affect" ? "that feeling" : shows}.` : "Your face shows what you chose.";
}
