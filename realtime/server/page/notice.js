// The one sentence that something went wrong, and the ways on from there.

import { $ } from "./elements.js";

const WAYS = ["try-now", "try-again", "dismiss", "token-form"];

/** Show a sentence, when the next try is (seconds, or 0) and the ways on by their id. */
export function notify(sentence, { seconds = 0, ways = ["dismiss"] } = {}) {
  if ($("alert").textContent !== sentence) $("alert").textContent = sentence; // read out once
  $("alert").hidden = !sentence;
  $("countdown").textContent = seconds ? `Trying again in ${seconds} s.` : "";
  const focused = WAYS.find((id) => $(id).contains(document.activeElement));
  for (const id of WAYS) $(id).hidden = !ways.includes(id);
  $("notice").hidden = !sentence;
  if (focused && (!sentence || !ways.includes(focused))) $("start").focus(); // else the focus is lost
}

export function dismiss() {
  notify("");
}
