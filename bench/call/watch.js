// Watches a page's call from within: which numbered picture is shown when, and when sound arrives.
// Added to the page before its own script runs.

(() => {
  const BITS = 12;
  const BLOCK = 20;
  const canvas = new OffscreenCanvas(BITS * BLOCK, 2 * BLOCK);
  const context = canvas.getContext("2d", { willReadFrequently: true });
  const watch = { shown: { before: [], after: [] }, decoded: { before: [], after: [] }, soundArrivals: [] };
  window.watch = watch;

  /** Mean of the middle of a block; `step` is the distance between two pixels' values. */
  function level(pixels, stride, step, column, row) {
    let sum = 0;
    for (let y = 5; y < 15; y += 1) {
      for (let x = 5; x < 15; x += 1) sum += pixels[(row * BLOCK + y) * stride + step * (column * BLOCK + x)];
    }
    return sum / 100;
  }

  /** The number in the corner; -1 where a block and its opposite do not differ clearly. */
  function readNumber(pixels, stride, step) {
    let number = 0;
    for (let bit = 0; bit < BITS; bit += 1) {
      const difference = level(pixels, stride, step, bit, 0) - level(pixels, stride, step, bit, 1);
      if (Math.abs(difference) < 70) return -1;
      if (difference > 0) number |= 1 << bit;
    }
    return number;
  }

  /** Note when each picture was taken by the camera, or else put on the screen. */
  function followShown(id) {
    const video = document.getElementById(id);
    const look = (now, { captureTime }) => {
      context.drawImage(video, 0, 0, canvas.width, canvas.height, 0, 0, canvas.width, canvas.height);
      const { data } = context.getImageData(0, 0, canvas.width, canvas.height);
      watch.shown[id].push([id === "before" ? captureTime : now, readNumber(data, 4 * canvas.width, 4)]);
      video.requestVideoFrameCallback(look);
    };
    video.requestVideoFrameCallback(look);
  }

  /** Note every picture of the track, also those that a busy screen passes over. */
  async function followDecoded(id) {
    const [track] = document.getElementById(id).srcObject.getVideoTracks();
    const reader = new MediaStreamTrackProcessor({ track, maxBufferSize: 60 }).readable.getReader();
    const rect = { x: 0, y: 0, width: canvas.width, height: canvas.height };
    const pixels = new Uint8Array(2 * canvas.width * canvas.height);
    for (let next = await reader.read(); !next.done; next = await reader.read()) {
      const [{ offset, stride }] = await next.value.copyTo(pixels, { rect });
      watch.decoded[id].push([performance.now(), readNumber(pixels.subarray(offset), stride, 1)]);
      next.value.close();
    }
  }

  watch.begin = () => {
    for (const id of ["before", "after"]) { followShown(id); followDecoded(id); }
  };

  /** What was noted since the last time. */
  watch.take = () => {
    const { shown, decoded, soundArrivals } = watch;
    watch.shown = { before: [], after: [] };
    watch.decoded = { before: [], after: [] };
    watch.soundArrivals = [];
    return { shown, decoded, soundArrivals };
  };

  // Encoded sound passes through a worker, whose clock is not held up by the page's drawing.
  const source = `onrtctransform = async ({ transformer }) => {
    const reader = transformer.readable.getReader();
    const writer = transformer.writable.getWriter();
    for (let next = await reader.read(); !next.done; next = await reader.read()) {
      postMessage(performance.now());
      writer.write(next.value);
    }
  };`;
  const worker = new Worker(URL.createObjectURL(new Blob([source], { type: "text/javascript" })));
  worker.onerror = (event) => console.error("watch worker", event.message);
  worker.onmessage = ({ data }) => watch.soundArrivals.push(data);

  window.RTCPeerConnection = class extends RTCPeerConnection {
    addTrack(track, ...streams) {
      const sender = super.addTrack(track, ...streams);
      const { receiver } = this.getTransceivers().find((transceiver) => transceiver.sender === sender);
      // Only now: a transform that is given later sees nothing.
      if (track.kind === "audio") receiver.transform = new RTCRtpScriptTransform(worker, {});
      return sender;
    }
  };

  /** Root mean square of the returned sound over the next tenth of a second; -1..1 is full scale. */
  watch.soundLevel = async () => {
    watch.audio ??= new AudioContext();
    await watch.audio.resume();
    const node = watch.audio.createMediaStreamSource(document.getElementById("after").srcObject);
    const analyser = watch.audio.createAnalyser();
    analyser.fftSize = 4096;
    node.connect(analyser);
    await new Promise((resolve) => setTimeout(resolve, 150));
    const samples = new Float32Array(analyser.fftSize);
    analyser.getFloatTimeDomainData(samples);
    node.disconnect();
    return Math.sqrt(samples.reduce((sum, x) => sum + x * x, 0) / samples.length);
  };

  /** The returned picture as it is decoded, as a PNG in base64. */
  watch.picture = async (id = "after") => {
    const video = document.getElementById(id);
    const whole = new OffscreenCanvas(video.videoWidth, video.videoHeight);
    whole.getContext("2d").drawImage(video, 0, 0);
    const bytes = new Uint8Array(await (await whole.convertToBlob({ type: "image/png" })).arrayBuffer());
    return btoa(Array.from(bytes, (byte) => String.fromCharCode(byte)).join(""));
  };
})();
