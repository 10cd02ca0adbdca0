/** The inline keyboard under a message: colours, disabled keys, links, copying, paying, and taps that wait for their answer. */

import { el, icon, price } from "./dom.js";

const STYLES = new Set(["primary", "success", "danger"]);

/** Draw the keyboard of a message, or null where it has none; an unpaid invoice always has a Pay key. */
export function drawKeyboard(message, actions, busy) {
  const rows = [...(message.keyboard || [])];
  if (message.invoice && !rows.flat().some((key) => key.pay)) {
    const { total, currency } = message.invoice;
    rows.unshift([{ text: `Pay ${price(total, currency)}`, pay: true }]);
  }
  if (!rows.flat().length) return null;
  return el(
    "div.keyboard",
    { role: "group", "aria-label": "Buttons of this message" },
    ...rows.filter((row) => row.length).map((row) => el("div.keyboard-row", {}, ...row.map((key) => drawKey(message, key, actions, busy)))),
  );
}

function drawKey(message, key, actions, busy) {
  const paid = Boolean(key.pay && message.invoice?.paid);
  const words = el("span.key-words", { dir: "auto" }, paid ? "Receipt" : starred(key));
  const shared = { "data-testid": "button", "data-data": key.data, "data-style": STYLES.has(key.style) ? key.style : null };
  if (key.url && !key.disabled) {
    const link = el("a.key", { ...shared, href: key.url, target: "_blank", rel: "noopener noreferrer" }, words, corner("url"));
    link.addEventListener("click", (event) => {
      if (actions.link(key.url)) event.preventDefault();
    });
    return link;
  }
  const node = el(
    "button.key",
    { ...shared, type: "button", disabled: Boolean(key.disabled), onclick: () => tap(message, key, actions) },
    words,
    cornerOf(key),
  );
  setBusy(node, busy(key));
  return node;
}

/** Telegram shows the star sign of a Stars price in place of "XTR" and the word after ⭐. */
const starred = (key) => (key.pay ? key.text.replace(/\bXTR\b/g, "⭐") : key.text);

function cornerOf(key) {
  if (typeof key.copy === "string") return corner("copy");
  if (key.pay) return corner("card");
  return null;
}

const corner = (name) => el("span.key-corner", { "aria-hidden": "true" }, icon(name));

function tap(message, key, actions) {
  if (key.pay) actions.pay(message);
  else if (typeof key.copy === "string") actions.copy(key.copy);
  else if (typeof key.data === "string") actions.press(message, key);
  else actions.tell("This kind of button has no meaning in the sandbox");
}

/** Show or end the wait for an answer on a key. */
export function setBusy(node, waiting) {
  node.classList.toggle("busy", waiting);
  if (waiting) node.setAttribute("aria-busy", "true");
  else node.removeAttribute("aria-busy");
}
