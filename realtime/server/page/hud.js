// The measurements over the picture: what the server tells and what the browser reads, together.

import { $, element, signed } from "./elements.js";
import { voiceRows } from "./voice.js";

const STAGE_NAMES = { landmarks: "find the face", animate: "animate", render: "draw", generator: "generator", blend: "blend it in", crossing: "hand over" };
const RUNGS = { generator: "edit and generator", geometric: "whole edit", reuse: "earlier landmarks", repeat: "picture repeated", unfiltered: "unfiltered" };
const FRAME_MS = 1000 / 30;

export class Hud {
  #told = {};
  #read = {};
  #first = null;
  #rows = new Map();

  tell(telemetry) {
    this.#told = telemetry;
    this.#draw();
  }

  read(reading) {
    this.#read = reading;
  }

  /** How long after the camera was open the first edited picture showed, in milliseconds. */
  set first(spent) {
    this.#first = spent;
  }

  clear() {
    this.#told = this.#read = {};
  }

  #draw() {
    const told = this.#told;
    $("hud-brief").textContent = [
      `${round(told.fps_out)} fps`,
      told.age_ms ? `${round(told.age_ms.p50)} ms` : "warming up",
    ].join(" · ");
    if ($("hud").hidden) return;
    this.#fill([...voiceRows(told.voice), ...rows(told, this.#read, this.#first), ...stages(told.stages_ms ?? {})]);
  }

  /** Change only texts and bars: nodes that stay can be read and selected. */
  #fill(rows) {
    if (rows.map(({ name }) => name).join() !== [...this.#rows.keys()].join()) this.#build(rows);
    for (const { name, text, p50, p95, kind = "" } of rows) {
      const { value, bar } = this.#rows.get(name);
      value.textContent = text;
      value.parentElement.dataset.kind = kind;
      bar?.style.setProperty("--p50", `${p50}%`);
      bar?.style.setProperty("--p95", `${p95}%`);
    }
  }

  #build(rows) {
    this.#rows.clear();
    $("hud-rows").replaceChildren(...rows.map(({ name, p50 }) => {
      const value = element("dd");
      const bar = p50 === undefined ? null : element("dd", { class: "bar", "aria-hidden": "true" });
      this.#rows.set(name, { value, bar });
      const row = element("div", bar ? { class: "stage-time" } : {}, element("dt", {}, name), value);
      if (bar) row.append(bar);
      return row;
    }));
  }
}

function rows(told, read, first) {
  const down = read.kbps_down ?? told.kbps_out;
  const up = read.kbps_up ?? told.kbps_in;
  return [
    ["fps", `${round(told.fps_out)} of ${round(told.fps_in)}`],
    ["rung", told.rung ? (RUNGS[told.rung] ?? told.rung) : "warming up"],
    ["age of picture", told.age_ms ? `p50 ${told.age_ms.p50.toFixed(1)} · p95 ${told.age_ms.p95.toFixed(1)} ms` : "–"],
    ["A/V offset", known(told.av_offset_ms) ? `${signed(told.av_offset_ms, 0)} ms` : "–"],
    ["held for sync", known(told.playout_delay_ms) ? `${round(told.playout_delay_ms)} ms` : "–"],
    ["bitrate", `↑ ${mbit(up)} · ↓ ${mbit(down)} Mbit/s`],
    ["lost · jitter", `${percent(read.loss ?? told.loss)} · ${known(read.jitter_ms) ? `${round(read.jitter_ms)} ms` : "–"}`],
    ["round trip", known(read.round_trip_ms) ? `${round(read.round_trip_ms)} ms` : "–"],
    ["dropped", round(told.dropped)],
    ["faces", round(told.faces)],
    ["face found on", mesh(told.networks)?.runs_on ?? "–"],
    ...generator(told.networks),
    ["not quicker, as", reasons(told.networks)],
    ["size", read.size ?? "–"],
    ["first picture", known(first) ? `after ${(first / 1000).toFixed(1)} s` : "–"],
  ].map(([name, text]) => ({ name, text }));
}

/** Bars as shares of the time that one frame has at 30 a second. */
function stages(spent) {
  return Object.entries(spent).map(([name, { p50, p95 }]) => ({
    name: STAGE_NAMES[name] ?? name,
    text: `p50 ${p50.toFixed(1)} · p95 ${p95.toFixed(1)} ms`,
    p50: Math.min(100, (100 * p50) / FRAME_MS),
    p95: Math.min(100, (100 * p95) / FRAME_MS),
  }));
}

/** The mesh runs for every picture, the detector now and then: the mesh is what matters. */
function mesh(networks) {
  return networks?.at(-1);
}

function generator(networks) {
  const place = networks?.find(({ name }) => name === "live_generator");
  return place ? [["generator on", place.runs_on ?? "–"]] : [];
}

function reasons(networks) {
  const told = Object.entries(mesh(networks)?.not_on ?? {});
  return told.map(([who, why]) => `${who}: ${why}`).join("; ") || "nothing is";
}

function known(value) {
  return value !== null && value !== undefined;
}

function round(value) {
  return known(value) ? value.toFixed(0) : "–";
}

function mbit(kbps) {
  return known(kbps) ? (kbps / 1000).toFixed(1) : "–";
}

function percent(share) {
  return known(share) ? `${(100 * share).toFixed(1)} %` : "–";
}
