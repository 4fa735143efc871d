// The page: what its controls do, and what it shows of the call.

import { Call, CallError, openCamera } from "./call.js";
import { showTelemetry } from "./hud.js";

const $ = (id) => document.getElementById(id);
const emotions = [...document.querySelectorAll("[data-emotion]")];
const views = [...document.querySelectorAll("#views [data-view]")];
const sliders = ["intensity", "brows", "eyes", "mouth"].map($);

let call = null;
let starting = false;
let chosen = false; // a person has touched the edit; until then the server's settings hold
let greeted = false; // the server has said which edit the call starts with
let unanswered = 0; // edits on their way; while there are any, the controls are ahead of the server

// The call

async function start() {
  if (starting) return;
  starting = true;
  complain("");
  $("start").setAttribute("aria-disabled", "true"); // not "disabled", which would lose the focus
  $("status").textContent = "Starting…";
  try {
    const [width, height] = $("size").value.split("x").map(Number);
    const stream = await openCamera({ camera: $("camera").value, width, height });
    $("before").srcObject = stream;
    if (!stream.getAudioTracks().length) complain("No microphone was found, so there is no sound.");
    await listCameras(stream);
    call = new Call(stream);
    call.addEventListener("track", ({ detail }) => { $("after").srcObject = detail; });
    call.addEventListener("edit", ({ detail }) => follow(detail));
    call.addEventListener("telemetry", ({ detail }) => measure(detail));
    call.addEventListener("complaint", ({ detail }) => { unanswered = Math.max(0, unanswered - 1); complain(detail.message); });
    call.addEventListener("end", ({ detail }) => stopped(detail));
    await call.begin();
    if (!call) return;
    setLive(true);
  } catch (error) {
    if (!(error instanceof CallError)) console.error(error);
    const sentence = error instanceof CallError ? error.message : `The call could not begin: ${error.message}.`;
    if (call) call.end(sentence);
    else stopped(sentence);
  }
}

function stopped(sentence) {
  call = null;
  greeted = false;
  unanswered = 0;
  setLive(false);
  $("before").srcObject = $("after").srcObject = null;
  $("status").textContent = "Press Start to see yourself.";
  $("hud").hidden = true;
  complain(sentence);
}

function setLive(live) {
  starting = false;
  $("start").removeAttribute("aria-disabled");
  $("start").textContent = live ? "Stop" : "Start";
  $("start").classList.toggle("live", live);
  if (live) $("status").textContent = "Waiting for the first edited picture…";
  else $("stage").classList.remove("live");
}

function complain(sentence) {
  $("alert").textContent = sentence;
  $("alert").hidden = !sentence;
}

function measure(told) {
  showTelemetry($("hud"), told);
  $("hud").hidden = !$("measure").checked;
}

async function listCameras(stream) {
  const cameras = (await navigator.mediaDevices.enumerateDevices()).filter(({ kind }) => kind === "videoinput");
  const inUse = stream.getVideoTracks()[0].getSettings().deviceId;
  $("camera").replaceChildren(...cameras.map(({ deviceId, label }, i) =>
    new Option(label || `Camera ${i + 1}`, deviceId, false, deviceId === inUse)));
}

// The edit

function edit(fields) {
  chosen = true;
  if (!greeted) return;
  unanswered += 1;
  call.edit(fields);
}

function choose(emotion) {
  mark(emotions, (button) => button.dataset.emotion === emotion);
  edit({ emotion: emotion || null });
}

function currentEdit() {
  const { emotion } = emotions.find(isPressed).dataset;
  return { emotion: emotion || null, ...Object.fromEntries(sliders.map(({ id, valueAsNumber }) => [id, valueAsNumber])) };
}

/** Show the edit that the server holds, unless the controls are ahead of it. */
function follow(told) {
  if (!greeted) {
    greeted = true;
    if (chosen) {
      edit(currentEdit());
      return;
    }
  } else {
    unanswered = Math.max(0, unanswered - 1);
    if (unanswered) return;
  }
  mark(emotions, (button) => button.dataset.emotion === (told.emotion ?? ""));
  for (const slider of sliders) {
    slider.value = told[slider.id];
    showValue(slider);
  }
}

function showValue(slider) {
  slider.parentElement.querySelector("output").textContent = slider.valueAsNumber.toFixed(2).replace("-", "−");
}

// Controls that the server need not know of

function show(view) {
  mark(views, (button) => button.dataset.view === view);
  $("stage").dataset.view = view;
}

function mark(buttons, isChosen) {
  for (const button of buttons) button.setAttribute("aria-pressed", String(isChosen(button)));
}

function isPressed(button) {
  return button.getAttribute("aria-pressed") === "true";
}

$("start").addEventListener("click", () => (call && !starting ? call.end() : start()));
for (const button of emotions) button.addEventListener("click", () => choose(button.dataset.emotion));
for (const button of views) button.addEventListener("click", () => show(button.dataset.view));
for (const slider of sliders) {
  slider.addEventListener("input", () => { showValue(slider); edit({ [slider.id]: slider.valueAsNumber }); });
}
$("after").addEventListener("playing", () => { $("stage").classList.add("live"); $("status").textContent = "You are live."; });
$("before").addEventListener("resize", ({ target }) => {
  $("stage").style.setProperty("--aspect", target.videoWidth / target.videoHeight);
});
$("listen").addEventListener("change", () => { $("after").muted = !$("listen").checked; });
$("mirror").addEventListener("change", () => $("stage").classList.toggle("mirrored", $("mirror").checked));
$("measure").addEventListener("change", () => { $("hud").hidden = !call || !$("measure").checked; });
window.addEventListener("pagehide", () => call?.end());
window.addEventListener("keydown", (event) => {
  if (event.ctrlKey || event.altKey || event.metaKey || event.target.tagName === "SELECT") return;
  const button = event.key === "Escape" ? emotions[0] : emotions[Number.parseInt(event.key, 10)];
  if (!button) return;
  button.click();
  button.focus();
});
