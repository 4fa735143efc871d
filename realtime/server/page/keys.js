// Single keys. They can be switched off, for people whose tools type letters of their own.

const TYPING = "select, textarea, input:not([type=range], [type=checkbox])";

/** Call `actions[key]()` when a key is pressed; `digit(n)` for a number. */
export function connectKeys(actions, digit, wanted) {
  window.addEventListener("keydown", (event) => {
    if (event.ctrlKey || event.altKey || event.metaKey || event.repeat) return;
    if (event.target.closest?.(TYPING)) return;
    const panic = event.key === "Escape"; // works whatever is switched off
    if (!panic && !wanted()) return;
    if (/^\d$/.test(event.key)) digit(Number(event.key));
    else actions[event.key.length === 1 ? event.key.toLowerCase() : event.key]?.();
  });
}
