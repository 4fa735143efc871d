// What the browser itself can tell of a call, once a second: rates from counters that only grow.

export class Reading {
  #last = { at: 0, sent: 0, received: 0, lost: 0, packets: 0 };

  /** Return {kbps_up, kbps_down, loss, jitter_ms, round_trip_ms, size}; null where unknown. */
  of(report) {
    const stats = [...report.values()];
    const inbound = stats.filter(({ type }) => type === "inbound-rtp");
    const picture = inbound.find(({ kind }) => kind === "video");
    const pair = stats.find(({ type, nominated, state }) => type === "candidate-pair" && nominated && state === "succeeded");
    const now = {
      at: performance.now(),
      sent: sum(stats.filter(({ type }) => type === "outbound-rtp"), "bytesSent"),
      received: sum(inbound, "bytesReceived"),
      lost: sum(inbound, "packetsLost"),
      packets: sum(inbound, "packetsReceived"),
    };
    const [last, first] = [this.#last, this.#last.at === 0];
    this.#last = now;
    const perMs = (name) => (first ? null : (8 * (now[name] - last[name])) / (now.at - last.at)); // = kbit/s
    const [lost, came] = [now.lost - last.lost, now.packets - last.packets];
    return {
      kbps_up: perMs("sent"),
      kbps_down: perMs("received"),
      loss: first || lost + came <= 0 ? null : Math.max(0, lost) / (lost + came),
      jitter_ms: picture?.jitter === undefined ? null : 1000 * picture.jitter,
      round_trip_ms: pair?.currentRoundTripTime === undefined ? null : 1000 * pair.currentRoundTripTime,
      size: picture?.frameWidth ? `${picture.frameWidth} × ${picture.frameHeight}` : null,
    };
  }
}

function sum(stats, name) {
  return stats.reduce((total, each) => total + (each[name] ?? 0), 0);
}
