// Keeps what a page's call plays, sample by sample, until it is asked for. Added to a running call.

(() => {
  const hear = { parts: [] };
  window.hear = hear;

  hear.begin = () => {
    const [track] = document.getElementById("after").srcObject.getAudioTracks();
    const reader = new MediaStreamTrackProcessor({ track }).readable.getReader();
    const follow = async () => {
      for (let next = await reader.read(); !next.done; next = await reader.read()) {
        const samples = new Float32Array(next.value.numberOfFrames);
        next.value.copyTo(samples, { planeIndex: 0, format: "f32-planar" });
        hear.parts.push(samples);
        next.value.close();
      }
    };
    follow(); // not waited for: it ends with the call
  };

  /** What was heard since the last time, as 16-bit samples in base64. */
  hear.take = () => {
    const parts = hear.parts.splice(0);
    const all = new Int16Array(parts.reduce((sum, part) => sum + part.length, 0));
    let at = 0;
    for (const part of parts) {
      for (const x of part) {
        all[at] = 32767 * Math.max(-1, Math.min(1, x));
        at += 1;
      }
    }
    const bytes = new Uint8Array(all.buffer);
    let text = "";
    for (let i = 0; i < bytes.length; i += 32768) text += String.fromCharCode(...bytes.subarray(i, i + 32768));
    return btoa(text);
  };
})();
