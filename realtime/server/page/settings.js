// What the page remembers from one visit to the next. Never the token, never the edit.

const KEY = "visavis";

const DEFAULTS = {
  camera: "", microphone: "", output: "", size: "1280x720",
  mirror: false, view: "after", numbers: false, shortcuts: true, bounds: null,
};

export const settings = { ...DEFAULTS, ...read() };

export function remember(changes) {
  Object.assign(settings, changes);
  try {
    localStorage.setItem(KEY, JSON.stringify(settings));
  } catch { /* a browser that keeps nothing: the settings last as long as the page */ }
}

/** What was kept, as far as it is of the kind that is expected. */
function read() {
  try {
    const kept = Object.entries(JSON.parse(localStorage.getItem(KEY)) ?? {});
    return Object.fromEntries(kept.filter(([name, value]) =>
      name in DEFAULTS && (DEFAULTS[name] === null || typeof value === typeof DEFAULTS[name])));
  } catch {
    return {};
  }
}
