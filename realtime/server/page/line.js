// Keeps a call going: when one is lost it waits a little, longer each time, and begins another.

import { Call } from "./call.js";

// Reasons after which another try can help by itself. After others ("time", say) a person decides.
const PASSING = new Set(["busy", "stopping", "lost", "failed", "network", "late", "ended"]);
const STEADY_MS = 10_000;

const REFUSED = "The server is there but does not let this page in. Open the address that it printed when it started.";

const RELAYED = ["track", "reading", "connection", "hello", "edit", "show", "follow", "bounds", "recording", "telemetry", "complaint"];

/** Seconds to wait before a try; `attempt` counts from 0, `chance` is 0 to 1. */
export function pause(attempt, code, chance) {
  const seconds = code === "busy" ? Math.min(30, 5 * 2 ** attempt) : Math.min(15, 1.5 ** attempt);
  return seconds * (0.9 + 0.2 * chance); // not all pages of a restarted server at the same moment
}

export class Line extends EventTarget {
  // Events: those of the call, and "state": {state, sentence, code, seconds}. The states are "off",
  // "calling", "live" and "waiting"; "off" with a sentence ended for that reason.
  #call = null;
  #stream = null;
  #attempt = 0;
  #refusals = 0;
  #liveSince = 0;
  #timed = false; // the server has said that this call's time runs out
  #ticker = 0;
  state = "off";

  start(stream) {
    this.#stream = stream;
    this.#attempt = this.#refusals = 0;
    this.#begin();
  }

  /** Call anew with this stream, for what the present call cannot change. */
  restart(stream) {
    this.#stream = stream;
    if (this.state === "off") return;
    this.#drop();
    this.#begin();
  }

  stop(sentence = "", code = "") {
    this.#drop();
    this.#set("off", { sentence, code });
  }

  tryNow() {
    if (this.state === "waiting") this.#begin();
  }

  say(message) {
    if (this.state === "calling" || this.state === "live") this.#call?.say(message);
  }

  async replace(track) {
    return (await this.#call?.replace(track)) ?? false;
  }

  /** The first picture is on the screen. */
  arrived() {
    if (this.state !== "calling") return;
    this.#liveSince = performance.now();
    this.#refusals = 0;
    this.#set("live");
  }

  #begin() {
    clearInterval(this.#ticker);
    const call = new Call(this.#stream);
    this.#call = call;
    this.#timed = false;
    call.addEventListener("complaint", ({ detail }) => { this.#timed ||= detail.code === "time"; });
    for (const name of RELAYED) {
      call.addEventListener(name, ({ detail }) => {
        if (this.#call === call) this.dispatchEvent(new CustomEvent(name, { detail }));
      });
    }
    call.addEventListener("end", ({ detail }) => { if (this.#call === call) this.#lose(detail); });
    this.#set("calling");
    call.begin();
  }

  async #lose({ sentence, code, reached }) {
    this.#call = null;
    if (!PASSING.has(code) || (code === "ended" && this.#timed)) {
      this.stop(sentence, code);
      return;
    }
    if (this.state === "live" && performance.now() - this.#liveSince > STEADY_MS) this.#attempt = 0;
    this.#wait(sentence, code, pause(this.#attempt, code, Math.random()));
    this.#attempt += 1;
    if (reached) this.#refusals = 0;
    else if (await answers()) this.#refusals += 1;
    if (this.#refusals > 1 && this.state === "waiting") this.stop(REFUSED, "refused");
  }

  #wait(sentence, code, seconds) {
    const until = performance.now() + 1000 * seconds;
    const tell = () => {
      const left = Math.ceil((until - performance.now()) / 1000);
      if (left <= 0) this.#begin();
      else this.#set("waiting", { sentence, code, seconds: left });
    };
    clearInterval(this.#ticker);
    this.#ticker = setInterval(tell, 250);
    tell();
  }

  #drop() {
    clearInterval(this.#ticker);
    const call = this.#call;
    this.#call = null;
    call?.end();
  }

  #set(state, more = {}) {
    this.state = state;
    this.dispatchEvent(new CustomEvent("state", { detail: { state, sentence: "", code: "", seconds: 0, ...more } }));
  }
}

/** Whether a server is there at all: then it was the call that it did not want. */
async function answers() {
  try {
    return (await fetch("icon.svg", { method: "HEAD", cache: "no-store" })).ok;
  } catch {
    return false;
  }
}
