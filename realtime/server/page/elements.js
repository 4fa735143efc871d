// Short ways to the page's elements.

export const $ = (id) => document.getElementById(id);

/** Press the buttons that are chosen and release the rest. */
export function mark(buttons, isChosen) {
  for (const button of buttons) button.setAttribute("aria-pressed", String(isChosen(button)));
}

export function isPressed(button) {
  return button.getAttribute("aria-pressed") === "true";
}

/** Turn a button over; return whether it is pressed now. */
export function turn(button) {
  const pressed = !isPressed(button);
  button.setAttribute("aria-pressed", String(pressed));
  return pressed;
}

export function element(name, attributes = {}, ...content) {
  const node = document.createElement(name);
  for (const [key, value] of Object.entries(attributes)) node.setAttribute(key, value);
  node.append(...content);
  return node;
}

/** A number as people write it, with a real minus sign. */
export function signed(value, digits = 2) {
  return value.toFixed(digits).replace(/^-(0\.?0*)$/, "$1").replace("-", "−");
}
