// The secret of a server that others can reach. It comes in the address, and leaves it at once.

const KEY = "visavis.token";

let held = "";

/** Take the token out of the address bar, so that neither history nor a shared screen shows it. */
export function takeToken() {
  const address = new URL(location.href);
  const fragment = new URLSearchParams(address.hash.slice(1));
  const given = fragment.get("token") ?? address.searchParams.get("token");
  if (given === null) return false;
  fragment.delete("token");
  address.searchParams.delete("token");
  address.hash = fragment.toString();
  history.replaceState(history.state, "", address);
  keepToken(given);
  return true;
}

export function keepToken(given) {
  held = given.trim();
  try {
    sessionStorage.setItem(KEY, held);
  } catch { /* kept until the page is closed, then */ }
}

/** The subprotocols to ask for: ours, and the token where there is one. */
export function subprotocols() {
  try {
    held ||= sessionStorage.getItem(KEY) ?? "";
  } catch { /* as above */ }
  const fits = /^[\w.!#$%&'*+^`|~-]+$/.test(held); // anything else the browser would refuse to send
  return fits ? ["visavis.1", `visavis.token.${held}`] : ["visavis.1"];
}
