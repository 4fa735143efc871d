// Notes flashes and beeps of a page's call from within, both as they go in and as they come out.
// Added to the page before its own script runs.
//
// Picture: the brightness of the patch, by when the camera took it ("before") or the browser hands
// it to the screen ("after"). Sound: the strength of the beep's tone in each millisecond, by when the
// microphone gave it, or the browser takes it out of its jitter buffer for the loudspeaker. What
// screen and loudspeaker need themselves comes after both.

(() => {
  const listen = { pictures: { before: [], after: [] }, sounds: { before: [], after: [] } };
  const canvas = new OffscreenCanvas(8, 8);
  const context = canvas.getContext("2d", { willReadFrequently: true });
  const connections = [];
  const telemetry = [];

  function brightness(video) {
    const { videoWidth: width, videoHeight: height } = video;
    context.drawImage(video, width / 40, height * 0.425, width * 0.075, height * 0.15, 0, 0, 8, 8);
    const { data } = context.getImageData(0, 0, 8, 8);
    let sum = 0;
    for (let i = 1; i < data.length; i += 4) sum += data[i];
    return (4 * sum) / data.length;
  }

  function followPicture(id) {
    const video = document.getElementById(id);
    const look = (now, { captureTime }) => {
      listen.pictures[id].push([id === "before" ? captureTime : now, brightness(video)]);
      video.requestVideoFrameCallback(look);
    };
    video.requestVideoFrameCallback(look);
  }

  // In a worker, which the page's drawing does not hold up. One wave of the tone is a millisecond.
  // Sound is stamped from the worker's own beginning, a different one for each: set right here.
  const source = `onmessage = async ({ data: { id, readable, hertz, origin } }) => {
    const begun = performance.timeOrigin - origin;
    const reader = readable.getReader();
    for (let next = await reader.read(); !next.done; next = await reader.read()) {
      const sound = next.value;
      const samples = new Float32Array(sound.numberOfFrames);
      sound.copyTo(samples, { planeIndex: 0, format: "f32-planar" });
      const step = sound.sampleRate / 1000;
      const strengths = [];
      for (let start = 0; start + step <= samples.length; start += step) {
        let cosine = 0, sine = 0;
        for (let i = 0; i < step; i += 1) {
          const turn = 2 * Math.PI * hertz * i / sound.sampleRate;
          cosine += samples[start + i] * Math.cos(turn);
          sine += samples[start + i] * Math.sin(turn);
        }
        strengths.push(Math.hypot(cosine, sine) / step);
      }
      postMessage([id, begun + sound.timestamp / 1000, strengths]);
      sound.close();
    }
  };`;

  function followSound(id, hertz) {
    const [track] = document.getElementById(id).srcObject.getAudioTracks();
    const { readable } = new MediaStreamTrackProcessor({ track: track.clone(), maxBufferSize: 100 });
    const worker = new Worker(URL.createObjectURL(new Blob([source], { type: "text/javascript" })));
    worker.onerror = (event) => console.error("listen worker", event.message);
    worker.onmessage = ({ data: [which, at, strengths] }) => listen.sounds[which].push([at, strengths]);
    const origin = performance.timeOrigin;
    worker.postMessage({ id, readable, hertz, origin }, [readable]);
  }

  /** Milliseconds that the browser says its sound output takes after all this. */
  async function outputDelay() {
    const stats = [...(await connections.at(-1).getStats()).values()];
    const played = stats.find(({ type }) => type === "media-playout");
    return played?.totalSamplesCount ? (1000 * played.totalPlayoutDelay) / played.totalSamplesCount : null;
  }

  window.listen = {
    begin(hertz) {
      for (const id of ["before", "after"]) { followPicture(id); followSound(id, hertz); }
    },
    /** What was noted since the last time. */
    async take() {
      const output_ms = await outputDelay();
      const { pictures, sounds } = listen;
      listen.pictures = { before: [], after: [] };
      listen.sounds = { before: [], after: [] };
      return { pictures, sounds, telemetry: telemetry.splice(0), output_ms };
    },
  };

  window.RTCPeerConnection = class extends RTCPeerConnection {
    constructor(...args) {
      super(...args);
      connections.push(this);
    }
  };
  window.WebSocket = class extends WebSocket {
    constructor(...args) {
      super(...args);
      this.addEventListener("message", ({ data }) => {
        const message = JSON.parse(data);
        if (message.type === "telemetry") telemetry.push(message);
      });
    }
  };
})();
