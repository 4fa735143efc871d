// One call: camera and microphone out, the edited picture and the sound back, messages beside them.
// It begins once and ends once; line.js begins the next.

import { subprotocols } from "./token.js";
import { watchPlayout } from "./playout.js";
import { Reading } from "./reading.js";

const NO_NETWORK = "The browser found no network to call over, and it needs one even for this machine. Connect to any.";
const LOST = "The connection to the server was lost.";
const NOT_THROUGH = "Picture and sound could not get through.";

const GREETED_WITHIN_MS = 1500;
const BEGUN_WITHIN_MS = 15_000;
const SILENT_FOR_MS = 8000;
const READ_EVERY_MS = 1000;

// Addresses are gathered for at most this long, and once there is one a server of ours reaches the
// browser by the others' absence too: it learns them from the checks that arrive.
const GATHER_MS = 3000;
const GATHER_MORE_MS = 600;

// VP8 starts at 300 kbit/s on its own and is blurred for seconds; a camera in a call may have more.
const START_KBPS = 1500;
const MAX_BPS = 2_500_000;

export class Call extends EventTarget {
  // Events: "track" (media stream), "reading" (see reading.js), each of the server's messages by its
  // type, and "end" ({sentence, code, reached}).
  #socket;
  #connection;
  #stream;
  #returned = new MediaStream();
  #reading = new Reading();
  #timers = [];
  #unwatch = null;
  #heard = 0;
  #reached = false;
  #ended = false;

  constructor(stream) {
    super();
    this.#stream = stream;
  }

  async begin() {
    try {
      const hello = await this.#greet();
      if (!this.#ended) await this.#offer(hello?.ice_servers ?? []);
    } catch (error) {
      this.end({ sentence: `The call could not begin: ${error.message}.`, code: "failed" });
    }
  }

  /** Tell the server; what is said to one that is gone is lost. */
  say(message) {
    if (this.#socket?.readyState === WebSocket.OPEN) this.#socket.send(JSON.stringify(message));
  }

  /** Film or hear with another device; false where only a new call can. */
  async replace(track) {
    const sender = this.#connection?.getSenders().find((each) => each.track?.kind === track.kind);
    if (!sender) return false;
    await sender.replaceTrack(track);
    return true;
  }

  end(reason = { sentence: "", code: "" }) {
    if (this.#ended) return;
    this.#ended = true;
    for (const timer of this.#timers) clearInterval(timer);
    this.#unwatch?.();
    this.#connection?.close();
    this.#socket?.close();
    this.dispatchEvent(new CustomEvent("end", { detail: { ...reason, reached: this.#reached } }));
  }

  /** Open the socket and wait for the server's first word. */
  #greet() {
    const scheme = location.protocol === "https:" ? "wss" : "ws";
    this.#socket = new WebSocket(`${scheme}://${location.host}/call`, subprotocols());
    this.#timers.push(setTimeout(() => this.end({ sentence: LOST, code: "lost" }), BEGUN_WITHIN_MS));
    return new Promise((resolve) => {
      this.#socket.addEventListener("open", () => {
        this.#reached = true;
        this.#timers.push(setTimeout(resolve, GREETED_WITHIN_MS));
      });
      this.#socket.addEventListener("message", ({ data }) => {
        const message = JSON.parse(data);
        this.#hear(message);
        resolve(message);
      });
      this.#socket.addEventListener("close", ({ code }) => {
        this.end({ sentence: LOST, code: { 1012: "stopping", 1013: "busy" }[code] ?? "lost" });
        resolve();
      });
    });
  }

  async #offer(iceServers) {
    this.#connection = new RTCPeerConnection({ iceServers });
    this.#connection.addEventListener("track", ({ track, receiver }) => this.#take(track, receiver));
    this.#connection.addEventListener("connectionstatechange", () => this.#follow());
    for (const track of this.#stream.getTracks()) this.#connection.addTrack(track, this.#stream);
    await this.#connection.setLocalDescription();
    await gathered(this.#connection);
    const { sdp } = this.#connection.localDescription;
    if (!sdp.includes("a=candidate")) this.end({ sentence: NO_NETWORK, code: "network" });
    else this.say({ type: "offer", sdp });
  }

  #follow() {
    const state = this.#connection.connectionState;
    this.dispatchEvent(new CustomEvent("connection", { detail: state }));
    if (state === "failed") this.end({ sentence: NOT_THROUGH, code: "failed" });
    if (state !== "connected" || this.#heard) return;
    for (const timer of this.#timers.splice(0)) clearInterval(timer);
    this.#heard = performance.now();
    this.#timers.push(setInterval(() => this.#watch(), READ_EVERY_MS));
    this.#unwatch = watchPlayout(document.getElementById("after"), () => this.#connection.getReceivers(),
      (told) => this.say({ type: "playout", ...told }));
  }

  /** Once a second: read what the connection does, and notice a server that has fallen silent. */
  async #watch() {
    if (performance.now() - this.#heard > SILENT_FOR_MS) {
      this.end({ sentence: LOST, code: "lost" });
      return;
    }
    const reading = this.#reading.of(await this.#connection.getStats());
    this.dispatchEvent(new CustomEvent("reading", { detail: reading }));
  }

  async #hear(message) {
    if (this.#heard) this.#heard = performance.now();
    switch (message.type) {
      case "answer":
        await this.#connection.setRemoteDescription({ type: "answer", sdp: eager(message.sdp) });
        await this.#raiseBitrate();
        break;
      case "error":
        if (message.final) this.end({ sentence: message.message, code: message.code ?? "failed" });
        else this.dispatchEvent(new CustomEvent("complaint", { detail: message }));
        break;
      default:
        this.dispatchEvent(new CustomEvent(message.type, { detail: message }));
    }
  }

  #take(track, receiver) {
    // Live beats smooth: a late picture of oneself is of no use.
    if (track.kind === "video" && "jitterBufferTarget" in receiver) receiver.jitterBufferTarget = 0;
    this.#returned.addTrack(track);
    this.dispatchEvent(new CustomEvent("track", { detail: this.#returned }));
  }

  async #raiseBitrate() {
    for (const sender of this.#connection.getSenders()) {
      if (sender.track?.kind !== "video") continue;
      const parameters = sender.getParameters();
      for (const encoding of parameters.encodings) encoding.maxBitrate = MAX_BPS;
      await sender.setParameters(parameters);
    }
  }
}

/** Wait for all addresses; a machine without a network never has them all. */
function gathered(connection) {
  if (connection.iceGatheringState === "complete") return Promise.resolve();
  return new Promise((resolve) => {
    setTimeout(resolve, GATHER_MS);
    connection.addEventListener("icecandidate", ({ candidate }) => {
      if (candidate) setTimeout(resolve, GATHER_MORE_MS);
    });
    connection.addEventListener("icegatheringstatechange", () => {
      if (connection.iceGatheringState === "complete") resolve();
    });
  });
}

function eager(sdp) {
  const rate = `x-google-start-bitrate=${START_KBPS}`;
  return sdp.replace(/a=rtpmap:(\d+) VP8\/90000\r\n/g, (line, type) => `${line}a=fmtp:${type} ${rate}\r\n`)
    .replace(/a=fmtp:\d+ .*packetization-mode.*(?=\r\n)/g, (line) => `${line};${rate}`);
}
