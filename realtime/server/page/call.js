// One call: camera and microphone out, the edited picture and the sound back, edits beside them.

export class CallError extends Error {}

const CAMERA_ERRORS = {
  NotAllowedError: "The camera was not allowed. Allow it for this page in the browser and press Start again.",
  NotFoundError: "No camera was found. Connect one and press Start again.",
  NotReadableError: "The camera is in use by another program. Close that one and press Start again.",
  OverconstrainedError: "That camera is not there any more. Choose another and press Start again.",
};

const NO_NETWORK = "The browser found no network to call over, and it needs one even for this machine. Connect to any and press Start again.";

const LOST = "The connection to the server was lost. Press Start to try again.";

const GATHER_MS = 3000;

// VP8 starts at 300 kbit/s on its own and is blurred for seconds; a camera in a call may have more.
const START_KBPS = 1500;
const MAX_BPS = 2_500_000;

/** Ask for the camera and, if there is one, the microphone. */
export async function openCamera({ camera, width, height }) {
  if (!window.isSecureContext || !navigator.mediaDevices?.getUserMedia) {
    throw new CallError("A browser gives a camera only to pages from https or localhost, and this page is neither.");
  }
  const video = { width: { ideal: width }, height: { ideal: height }, frameRate: { ideal: 30 } };
  if (camera) video.deviceId = { exact: camera };
  const audio = { echoCancellation: true, noiseSuppression: false, autoGainControl: false };
  try {
    return await navigator.mediaDevices.getUserMedia({ video, audio });
  } catch (error) {
    if (error.name !== "NotFoundError") throw explained(error);
  }
  try {
    return await navigator.mediaDevices.getUserMedia({ video });
  } catch (error) {
    throw explained(error);
  }
}

function explained(error) {
  const sentence = CAMERA_ERRORS[error.name] ?? `The camera could not be opened: ${error.message}.`;
  return new CallError(sentence, { cause: error });
}

export class Call extends EventTarget {
  // Events: "track" (media stream), "edit", "telemetry", "complaint" (messages), "end" (a sentence or "").
  #socket;
  #connection;
  #stream;
  #returned = new MediaStream();
  #ended = false;

  constructor(stream) {
    super();
    this.#stream = stream;
    stream.getVideoTracks()[0].addEventListener("ended", () => this.end("The camera was unplugged. Connect it and press Start again."));
  }

  async begin() {
    try {
      await this.#openSocket();
      if (!this.#ended) await this.#offer();
    } catch (error) {
      if (!this.#ended) throw error; // else the reason has been told already
    }
  }

  async #offer() {
    this.#connection = new RTCPeerConnection();
    this.#connection.addEventListener("track", ({ track, receiver }) => this.#take(track, receiver));
    this.#connection.addEventListener("connectionstatechange", () => {
      if (this.#connection.connectionState === "failed") this.end("Picture and sound could not get through. Press Start to try again.");
    });
    for (const track of this.#stream.getTracks()) this.#connection.addTrack(track, this.#stream);
    await this.#connection.setLocalDescription();
    await gathered(this.#connection);
    const { sdp } = this.#connection.localDescription;
    if (!sdp.includes("a=candidate")) throw new CallError(NO_NETWORK);
    this.#say({ type: "offer", sdp });
  }

  edit(fields) {
    this.#say({ type: "edit", ...fields });
  }

  end(sentence = "") {
    if (this.#ended) return;
    this.#ended = true;
    this.#connection?.close();
    this.#socket?.close();
    for (const track of this.#stream.getTracks()) track.stop();
    this.dispatchEvent(new CustomEvent("end", { detail: sentence }));
  }

  #openSocket() {
    const scheme = location.protocol === "https:" ? "wss" : "ws";
    this.#socket = new WebSocket(`${scheme}://${location.host}/call`);
    this.#socket.addEventListener("message", ({ data }) => this.#hear(JSON.parse(data)));
    this.#socket.addEventListener("close", () => this.end(LOST));
    return new Promise((resolve) => {
      this.#socket.addEventListener("open", resolve);
      this.#socket.addEventListener("close", resolve);
    });
  }

  #say(message) {
    if (this.#socket?.readyState === WebSocket.OPEN) this.#socket.send(JSON.stringify(message));
  }

  async #hear(message) {
    switch (message.type) {
      case "answer":
        await this.#connection.setRemoteDescription({ type: "answer", sdp: eager(message.sdp) });
        await this.#raiseBitrate();
        break;
      case "error":
        if (message.final) this.end(message.message);
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
    connection.addEventListener("icegatheringstatechange", () => {
      if (connection.iceGatheringState === "complete") resolve();
    });
  });
}

function eager(sdp) {
  return sdp.replace(/a=rtpmap:(\d+) VP8\/90000\r\n/, (line, type) =>
    `${line}a=fmtp:${type} x-google-start-bitrate=${START_KBPS}\r\n`);
}
