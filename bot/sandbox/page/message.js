/** One message as Telegram draws it: bubble, formatting, photo, document, invoice, and the keyboard under it. */

import { clock, el, fileSize, icon, price } from "./dom.js";
import { drawKeyboard } from "./keyboard.js";

const COMMAND = /(^|[\s(])(\/[a-zA-Z][a-zA-Z0-9_]{0,31})(?=$|[\s.,;:!?)])/g;
const RIGHT_TO_LEFT = /[\p{Script=Arabic}\p{Script=Hebrew}\p{Script=Syriac}\p{Script=Thaana}]/u;
const ISOLATED = /[\u2066-\u2068][^\u2066-\u2069]*\u2069/g;

/**
 * Draw a message of the page API.
 * `actions`: press, pay, say, copy, open, link — what the reader can do with it (see chat.js);
 * `busy(key)` tells whether a tap on that key still waits for its answer.
 */
export function drawMessage(message, actions, busy = () => false) {
  if (message.payment) return drawPayment(message);
  const mine = message.from === "person";
  const text = message.html || message.text;
  const bare = Boolean(message.photo) && !text && !message.document && !message.invoice;
  const bubble = el(
    "div.bubble",
    {},
    message.photo ? drawPhoto(message, actions) : null,
    message.document ? drawDocument(message.document) : null,
    message.invoice ? drawInvoice(message.invoice) : null,
    text ? drawText(message, actions) : null,
    drawMeta(message, mine),
  );
  bubble.classList.toggle("bare", bare);
  bubble.classList.toggle("has-photo", Boolean(message.photo));
  bubble.classList.toggle("has-text", Boolean(text));
  const node = el(
    `article.message.${mine ? "mine" : "theirs"}`,
    {
      "data-testid": "message",
      "data-message-id": message.message_id,
      "data-from": message.from,
      "aria-label": `${mine ? "You" : "Bot"}, ${clock(message.date)}${message.edited ? ", edited" : ""}`,
      tabindex: "-1",
    },
    bubble,
    drawKeyboard(message, actions, busy),
  );
  node.classList.toggle("with-keys", node.childElementCount > 1);
  return node;
}

/** What a screen reader should hear of a message. */
export function spoken(message) {
  const parts = [];
  if (message.photo) parts.push("Photo.");
  if (message.document) parts.push(`File ${message.document.name}.`);
  if (message.invoice) parts.push(`Invoice: ${message.invoice.title}, ${price(message.invoice.total, message.invoice.currency)}.`);
  if (message.payment) parts.push(drawPayment(message).textContent);
  parts.push(message.text || "");
  const keys = (message.keyboard || []).flat().length;
  if (keys) parts.push(keys === 1 ? "1 button." : `${keys} buttons.`);
  return parts.join(" ").trim();
}

/** The line Telegram puts between the messages when money has moved. */
function drawPayment({ message_id: id, from, payment }) {
  const amount = price(payment.total, payment.currency);
  const words = payment.what === "refunded" ? `You were refunded ${amount}` : `You have paid ${amount}`;
  return el("div.message.service", { "data-testid": "message", "data-message-id": id, "data-from": from, tabindex: "-1" }, el("span", {}, words));
}

function drawMeta(message, mine) {
  return el(
    "span.meta",
    { "aria-hidden": "true" },
    message.silent ? el("span.edited", { title: "Sent without a sound" }, "🔕") : null,
    message.edited ? el("span.edited", {}, "edited") : null,
    el("time", { datetime: new Date(message.date * 1000).toISOString() }, clock(message.date)),
    mine ? icon("ticks") : null,
  );
}

function drawText(message, actions) {
  const body = el("div.text", { dir: "auto" });
  if (message.html) body.innerHTML = message.html;
  else body.textContent = message.text;
  enrich(body, actions);
  // The time stands in the last line: a spacer keeps its place free, unless that line runs towards it.
  if (endsRightToLeft(body.textContent)) body.classList.add("time-below");
  else body.append(el(`span.spacer${message.edited || message.silent ? ".long" : ""}`, { "aria-hidden": "true" }));
  return body;
}

function endsRightToLeft(text) {
  const line = text.trimEnd().split("\n").pop().replace(ISOLATED, "");
  const strong = line.match(/\p{L}/u);
  return RIGHT_TO_LEFT.test(strong ? strong[0] : "") || (!strong && RIGHT_TO_LEFT.test(text.match(/\p{L}/u)?.[0] || ""));
}

/** Give links, commands, code and spoilers the behaviour they have in Telegram. */
function enrich(body, actions) {
  for (const link of body.querySelectorAll("a[href]")) {
    link.target = "_blank";
    link.rel = "noopener noreferrer";
    link.addEventListener("click", (event) => {
      if (actions.link(link.href)) event.preventDefault();
    });
  }
  for (const code of body.querySelectorAll("code, pre")) {
    if (code.parentElement.closest("pre")) continue;
    code.title = "Copy";
    code.addEventListener("click", () => {
      if (window.getSelection()?.isCollapsed !== false) actions.copy(code.textContent);
    });
  }
  for (const spoiler of body.querySelectorAll("tg-spoiler, .tg-spoiler")) hide(spoiler);
  for (const quote of body.querySelectorAll("blockquote[expandable]")) fold(quote);
  const texts = document.createTreeWalker(body, NodeFilter.SHOW_TEXT);
  const plain = [];
  while (texts.nextNode()) {
    if (!texts.currentNode.parentElement.closest("a, code, pre")) plain.push(texts.currentNode);
  }
  plain.forEach((node) => linkCommands(node, actions));
}

function linkCommands(node, actions) {
  const text = node.data;
  const pieces = [];
  let from = 0;
  for (const match of text.matchAll(COMMAND)) {
    const start = match.index + match[1].length;
    const command = match[2];
    pieces.push(text.slice(from, start));
    pieces.push(el("button.command", { type: "button", onclick: () => actions.say(command) }, command));
    from = start + command.length;
  }
  if (pieces.length) node.replaceWith(...pieces, text.slice(from));
}

function hide(spoiler) {
  spoiler.classList.add("spoiler");
  onTap(spoiler, "Hidden text, press to read", () => {
    spoiler.classList.add("shown");
    spoiler.removeAttribute("aria-label");
  });
}

function fold(quote) {
  quote.classList.add("folded");
  onTap(quote, null, () => quote.classList.toggle("folded"));
}

function onTap(node, label, act) {
  node.tabIndex = 0;
  node.setAttribute("role", "button");
  if (label) node.setAttribute("aria-label", label);
  node.addEventListener("click", act);
  node.addEventListener("keydown", (event) => {
    if (event.key === "Enter" || event.key === " ") {
      event.preventDefault();
      act();
    }
  });
}

function drawPhoto(message, actions) {
  const { url, width, height } = message.photo;
  const caption = message.text || "";
  const image = el("img", { src: url, alt: caption ? `Photo: ${caption.slice(0, 80)}` : "Photo", loading: "lazy", decoding: "async" });
  if (width && height) {
    image.width = width;
    image.height = height;
    image.style.aspectRatio = `${width} / ${height}`;
  }
  return el("button.photo", { type: "button", "aria-haspopup": "dialog", onclick: () => actions.open(message) }, image);
}

function drawDocument(file) {
  return el(
    "a.document",
    { href: file.url, download: file.name || true },
    el("span.document-icon", {}, icon("download")),
    el("span.document-words", {}, el("span.document-name", { dir: "auto" }, file.name || "file"), el("span.document-size", {}, fileSize(file.size))),
  );
}

function drawInvoice(invoice) {
  return el(
    "div.invoice",
    {},
    el("div.invoice-title", { dir: "auto" }, invoice.title),
    el("div.invoice-words", { dir: "auto" }, invoice.description),
    el(
      "div.invoice-price",
      {},
      el("strong", {}, price(invoice.total, invoice.currency)),
      invoice.paid ? el("span.invoice-paid", {}, icon("check"), "Paid") : el("span.invoice-label", {}, "Invoice"),
    ),
  );
}
