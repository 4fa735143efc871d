// What the page shows and plays of the returned tracks, by the RTP stamps that they came with. From
// these the server learns how much longer this browser holds sound than pictures.

const TELL_EVERY_MS = 250;
const LOOK_EVERY_MS = 25;

/** Watch `video`, whose tracks come by `receivers`, and `tell` of it until the returned function is called. */
export function watchPlayout(video, receivers, tell) {
  let pictures = [];
  let sounds = new Map();
  let waiting = 0;
  let over = false;

  const shown = (now, { rtpTimestamp }) => {
    if (over) return;
    if (rtpTimestamp !== undefined) pictures.push([rtpTimestamp, now]);
    waiting = video.requestVideoFrameCallback(shown);
  };
  const looked = setInterval(() => {
    for (const receiver of receivers()) {
      if (receiver.track.kind !== "audio") continue;
      for (const { rtpTimestamp, timestamp } of receiver.getSynchronizationSources()) {
        if (!sounds.has(rtpTimestamp)) sounds.set(rtpTimestamp, timestamp - performance.timeOrigin);
      }
    }
  }, LOOK_EVERY_MS);
  const told = setInterval(() => {
    if (pictures.length && sounds.size) tell({ pictures, sounds: [...sounds] });
    pictures = [];
    sounds = new Map();
  }, TELL_EVERY_MS);

  if ("requestVideoFrameCallback" in video) waiting = video.requestVideoFrameCallback(shown);
  return () => {
    over = true;
    clearInterval(looked);
    clearInterval(told);
    video.cancelVideoFrameCallback?.(waiting);
  };
}
