// The page: ties its parts to the call, and shows what becomes of it.

import { $, isPressed } from "./elements.js";
import { canFilm, CameraError, INSECURE } from "./camera.js";
import { Comparison } from "./compare.js";
import { Devices } from "./devices.js";
import { Expression } from "./expression.js";
import { Hud } from "./hud.js";
import { connectKeys } from "./keys.js";
import { Limits } from "./limits.js";
import { Line } from "./line.js";
import { dismiss, notify } from "./notice.js";
import { Recordings } from "./recordings.js";
import { remember, settings } from "./settings.js";
import { connectTabs } from "./tabs.js";
import { keepToken, takeToken } from "./token.js";
import { Voice } from "./voice.js";

const WELCOME = "Press Start to see yourself.";
const TOAST_MS = 4000;

const line = new Line();
const devices = new Devices();
const expression = new Expression();
const voice = new Voice();
const limits = new Limits(settings.bounds);
const recordings = new Recordings(() => $("after").srcObject);
const hud = new Hud();

let opening = false;
let opened = 0; // when the camera was; 0 once the first picture has been shown
let greeted = false; // this call's server has been told what holds here
let toast = 0;

// The call

async function start() {
  if (opening || line.state !== "off") return;
  opening = true;
  dismiss();
  $("start").setAttribute("aria-disabled", "true"); // not "disabled", which would lose the focus
  show("opening", "Waiting for the camera…");
  try {
    const stream = await devices.open();
    opened = performance.now();
    $("before").srcObject = stream;
    line.start(stream);
  } catch (error) {
    if (!(error instanceof CameraError)) console.error(error);
    stop(error instanceof CameraError ? error.message : `The camera could not be opened: ${error.message}.`);
    if (error.cause?.name === "NotAllowedError") startOnceAllowed();
  } finally {
    opening = false;
    $("start").removeAttribute("aria-disabled");
  }
}

function stop(sentence = "", code = "") {
  devices.close();
  $("before").srcObject = $("after").srcObject = null;
  hud.clear();
  voice.hear(null);
  show("off", WELCOME);
  if (sentence) notify(sentence, { ways: code === "token" ? ["token-form"] : ["try-again"] });
  else dismiss();
}

/** Who allows the camera in the browser's own settings need not come back to a button. */
async function startOnceAllowed() {
  try {
    const permission = await navigator.permissions.query({ name: "camera" });
    permission.onchange = () => { if (permission.state === "granted") start(); };
  } catch { /* a browser that does not tell */ }
}

line.addEventListener("state", ({ detail: { state, sentence, code, seconds } }) => {
  recordings.live = state === "live";
  if (state === "off") {
    stop(sentence, code);
  } else if (state === "waiting") {
    show(state, "");
    notify(sentence, { seconds, ways: ["try-now"] });
  } else if (state === "calling") {
    greeted = false;
    dismiss();
    show(state, "Connecting…");
  } else {
    show(state, "You are live.");
  }
});

/** Keep the last edited picture on show while there is no call; a closed one would turn black. */
function keepLast(wanted) {
  const [video, last] = [$("after"), $("last")];
  [last.width, last.height] = wanted ? [video.videoWidth, video.videoHeight] : [0, 0];
  if (last.width) last.getContext("2d").drawImage(video, 0, 0);
}

/** Put the page into a state; the sentence is shown, and read out once. */
function show(state, sentence) {
  if (document.body.dataset.state === "live" || state === "off") keepLast(state !== "off");
  document.body.dataset.state = state;
  $("stage").classList.toggle("live", state === "live");
  const off = state === "off" || state === "opening";
  $("start").querySelector(".label").textContent = off ? "Start" : "Stop";
  $("start").classList.toggle("live", !off);
  for (const id of ["freeze", "panic"]) $(id).setAttribute("aria-disabled", String(off));
  if (off) hold(false);
  say(sentence);
}

function say(sentence) {
  clearTimeout(toast);
  $("status").textContent = sentence;
  $("status").classList.add("fresh");
  toast = setTimeout(() => $("status").classList.remove("fresh"), TOAST_MS);
}

/** Tell a new call what the person here has chosen, limits first. */
function greet() {
  if (greeted) return;
  greeted = true;
  if (limits.wanted) line.say({ type: "bounds", ...limits.wanted });
  const edit = expression.begin();
  if (edit) line.say({ type: "edit", ...edit });
  const following = voice.begin();
  if (following) line.say({ type: "follow", ...following });
  const shown = { frozen: isPressed($("freeze")), badge: $("badge").checked, mark: $("mark").checked };
  if (shown.frozen || !shown.badge || !shown.mark) line.say({ type: "show", ...shown });
}

line.addEventListener("hello", ({ detail }) => {
  greet();
  expression.offer(detail.presets ?? []);
  recordings.allowed = detail.recording_allowed === true;
  $("session").textContent = detail.session ?? "–";
  $("version").textContent = detail.version ?? "–";
});
line.addEventListener("edit", ({ detail }) => { greet(); expression.follow(detail); });
line.addEventListener("follow", ({ detail }) => { greet(); voice.follow(detail); });
line.addEventListener("bounds", ({ detail }) => limits.follow(detail));
line.addEventListener("recording", ({ detail }) => recordings.follow(detail));
line.addEventListener("complaint", ({ detail }) => notify(detail.message));
line.addEventListener("track", ({ detail }) => { $("after").srcObject = detail; });
line.addEventListener("reading", ({ detail }) => hud.read(detail));
line.addEventListener("telemetry", ({ detail }) => {
  hud.tell(detail);
  voice.hear(detail.voice ?? null);
  const trouble = detail.worker === "restarting" || detail.worker === "dead" ? "The filter is starting again; the picture is held."
    : detail.starved ? "No pictures arrive from this browser." : "";
  if ($("trouble").textContent !== trouble) $("trouble").textContent = trouble;
});
line.addEventListener("show", ({ detail: { frozen, badge, mark } }) => {
  if (frozen !== undefined) hold(frozen);
  if (badge !== undefined) $("badge").checked = badge;
  if (mark !== undefined) $("mark").checked = mark;
});
line.addEventListener("connection", ({ detail }) => {
  if (detail === "disconnected") say("The connection is unsteady…");
});

// The picture

function arrived() {
  if (!$("after").videoWidth || line.state !== "calling") return;
  if (opened) hud.first = performance.now() - opened;
  opened = 0;
  line.arrived();
}

for (const event of ["playing", "resize"]) $("after").addEventListener(event, arrived);
$("before").addEventListener("resize", ({ target }) => {
  if (target.videoWidth) document.documentElement.style.setProperty("--aspect", target.videoWidth / target.videoHeight);
});

// Devices

devices.addEventListener("track", async ({ detail }) => {
  $("before").srcObject = devices.stream;
  if (line.state !== "off" && !(await line.replace(detail))) line.restart(devices.stream);
});
devices.addEventListener("restart", () => line.restart(devices.stream));
devices.addEventListener("gone", () => notify("The camera is gone. Connect it again, or choose another under Devices.", { ways: ["dismiss"] }));
devices.addEventListener("back", dismiss);
devices.addEventListener("told", ({ detail }) => notify(detail));

// Edit, limits, recordings

expression.addEventListener("wish", ({ detail }) => line.say({ type: "edit", ...detail }));
expression.addEventListener("preset", ({ detail }) => line.say({ type: "preset", name: detail }));
voice.addEventListener("wish", ({ detail }) => line.say({ type: "follow", ...detail }));
limits.addEventListener("wish", ({ detail }) => { remember({ bounds: detail }); line.say({ type: "bounds", ...detail }); });
limits.addEventListener("forbidden", ({ detail }) => expression.forbid(detail));
expression.forbid(limits.wanted?.forbidden ?? []);
recordings.addEventListener("wish", ({ detail }) => line.say({ type: "record", ...detail }));
recordings.addEventListener("change", ({ detail }) => { $("stage").classList.toggle("recording", detail); });
recordings.addEventListener("told", ({ detail }) => say(detail));

// Switches

function hold(frozen) {
  $("freeze").setAttribute("aria-pressed", String(frozen));
  $("stage").classList.toggle("frozen", frozen);
}

function freeze() {
  if (line.state === "off") return;
  const frozen = !isPressed($("freeze"));
  hold(frozen);
  line.say({ type: "show", frozen });
  say(frozen ? "The picture is frozen." : "The picture moves again.");
}

function panic() {
  expression.drop();
  voice.drop();
  line.say({ type: "panic" });
  if (line.state !== "off") say("The edit is dropped: this is your own face.");
}

/** The server looks at the face for 0.7 s. */
function rest() {
  if (line.state !== "live") return say("Press Start first: your face must be seen.");
  line.say({ type: "rest" });
  say("Hold still for a moment: this is your resting face.");
}

function mirror(on) {
  $("mirror").setAttribute("aria-pressed", String(on));
  $("stage").classList.toggle("mirrored", on);
  remember({ mirror: on });
}

function measure(on) {
  $("hud").hidden = !on;
  $("hud-toggle").setAttribute("aria-expanded", String(on));
  remember({ numbers: on });
}

const comparison = new Comparison(settings.view);
comparison.addEventListener("view", ({ detail }) => remember({ view: detail }));
connectTabs($("tabs"));
mirror(settings.mirror);
measure(settings.numbers);
$("shortcuts").checked = settings.shortcuts;

$("start").addEventListener("click", () => (line.state === "off" ? start() : line.stop()));
$("try-now").addEventListener("click", () => line.tryNow());
$("try-again").addEventListener("click", start);
$("dismiss").addEventListener("click", dismiss);
$("token-form").addEventListener("submit", (event) => {
  event.preventDefault();
  keepToken($("token").value);
  $("token").value = "";
  start();
});
$("freeze").addEventListener("click", freeze);
$("panic").addEventListener("click", panic);
$("rest").addEventListener("click", rest);
$("mirror").addEventListener("click", () => mirror(!isPressed($("mirror"))));
$("hud-toggle").addEventListener("click", () => measure($("hud").hidden));
for (const id of ["badge", "mark"]) $(id).addEventListener("change", () => line.say({ type: "show", [id]: $(id).checked }));
$("listen").addEventListener("change", () => { $("after").muted = !$("listen").checked; });
$("shortcuts").addEventListener("change", () => remember({ shortcuts: $("shortcuts").checked }));

connectKeys({
  Escape: panic,
  f: freeze,
  m: () => $("mirror").click(),
  v: () => comparison.next(),
  l: () => $("voice-follow").click(),
  k: () => $("voice-calm").click(),
  r: () => $("record").click(),
  h: () => $("hud-toggle").click(),
}, (place) => expression.chooseAt(place), () => $("shortcuts").checked);

window.addEventListener("online", () => line.tryNow());
window.addEventListener("pagehide", () => line.stop());
window.addEventListener("hashchange", () => { if (takeToken()) { line.stop(); start(); } });

takeToken();
if (!canFilm()) notify(INSECURE, { ways: [] });
