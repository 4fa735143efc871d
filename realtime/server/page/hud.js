// The small display of measurements under the picture.

const STAGE_NAMES = { landmarks: "find the face", animate: "animate", render: "draw" };

export function showTelemetry(list, told) {
  const rows = [
    ["fps", `${told.fps_out.toFixed(0)} of ${told.fps_in.toFixed(0)}`],
    ["age of picture", told.age_ms ? pair(told.age_ms) : "–"],
    ...Object.entries(told.stages_ms).map(([name, spent]) => [STAGE_NAMES[name] ?? name, pair(spent)]),
    ["rung", told.rung ?? "warming up"],
    ["faces", String(told.faces)],
    ["dropped", String(told.dropped)],
  ];
  list.replaceChildren(...rows.map(([term, text]) => element("div", element("dt", term), element("dd", text))));
}

/** Median and 95th percentile. */
function pair({ p50, p95 }) {
  return `p50 ${p50.toFixed(1)} · p95 ${p95.toFixed(1)} ms`;
}

function element(name, ...content) {
  const node = document.createElement(name);
  node.append(...content);
  return node;
}
