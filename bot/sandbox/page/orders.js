/** The orders of one panel as their provider sees them, each with the buttons that decide how it goes on. */

import { clock, count, el, setText } from "./dom.js";

const KEPT = 50;

const DOINGS = [
  { id: "do-finish", word: "Finish", body: { do: "finish" }, title: "Deliver the rest now and end as Completed" },
  { id: "do-stop", word: "Stop at 60 %", body: { do: "stop", percent: 60 }, title: "End as Partial with 60 % delivered" },
  { id: "do-cancel", word: "Cancel", body: { do: "cancel" }, title: "End as Canceled", style: "danger" },
  { id: "do-silence", word: "Go silent", body: { do: "silence" }, title: "Say nothing about this order any more" },
  { id: "do-garbage", word: "Answer garbage", body: { do: "garbage" }, title: "Answer an HTML page for its status" },
  { id: "do-resume", word: "Resume", body: { do: "resume" }, title: "Answer plainly again and go on delivering" },
];

export class Orders {
  /** @param act does what a button says: act(order id, body) -> promise */
  constructor(act) {
    this.act = act;
    this.cards = new Map(); // id -> {node, update}
    this.list = el("ul.orders", { "aria-label": "Orders, newest first" });
    this.none = el("p.nothing", {}, "No orders yet. Place one in the chat, and decide here how it goes.");
    this.root = el("div.orders-box", {}, this.none, this.list);
  }

  /** Show exactly these orders, newest first. */
  load(orders) {
    const known = new Set(orders.map((order) => String(order.id)));
    for (const [id, card] of this.cards) {
      if (known.has(id)) continue;
      card.node.remove();
      this.cards.delete(id);
    }
    [...orders].reverse().forEach((order) => this.put(order));
  }

  /** Add an order on top or bring its card up to date in place. */
  put(order) {
    const id = String(order.id);
    let card = this.cards.get(id);
    if (!card) {
      card = drawOrder(order, (body) => this.act(id, body));
      this.cards.set(id, card);
      this.list.prepend(card.node);
      this.trim();
    }
    card.update(order);
    this.none.hidden = this.cards.size > 0;
  }

  trim() {
    while (this.cards.size > KEPT) {
      const last = this.list.lastElementChild;
      this.cards.delete(last.dataset.orderId);
      last.remove();
    }
  }
}

function drawOrder(order, act) {
  const status = el("span.status");
  const service = el("span.order-service", { dir: "auto" });
  const link = el("span.order-link", { dir: "ltr" });
  const fill = el("span.progress-fill");
  const bar = el("div.progress", { role: "progressbar", "aria-valuemin": "0", "aria-label": `Delivered of order ${order.id}` }, fill);
  const delivered = el("span.order-delivered");
  const facts = el("span.order-facts");
  const behaviour = el("span.behaviour");
  const buttons = DOINGS.map((doing) => drawDoing(doing, order.id, act));
  const node = el(
    "li.order",
    { "data-testid": "panel-order", "data-order-id": order.id },
    el("div.order-top", {}, el("span.order-id", {}, `#${order.id}`), service, behaviour, status),
    link,
    bar,
    el("div.order-numbers", {}, delivered, facts),
    el("div.doings", { role: "group", "aria-label": `Decide over order ${order.id}` }, ...buttons),
  );

  function update(now) {
    const quantity = Number(now.quantity) || 0;
    const done = Number(now.delivered) || 0;
    const share = quantity > 0 ? Math.max(0, Math.min(1, done / quantity)) : 0;
    node.dataset.status = String(now.status).toLowerCase();
    setText(status, String(now.status));
    setText(service, now.service_name || `Service ${now.service}`);
    setText(link, String(now.link));
    link.title = String(now.link);
    setText(delivered, `${count(done)} / ${count(quantity)}`);
    setText(facts, describe(now));
    setText(behaviour, behaviourWords(now.behaviour));
    behaviour.hidden = !behaviour.textContent;
    fill.style.inlineSize = `${(share * 100).toFixed(2)}%`;
    bar.setAttribute("aria-valuemax", String(quantity));
    bar.setAttribute("aria-valuenow", String(done));
    bar.setAttribute("aria-valuetext", `${count(done)} of ${count(quantity)}`);
  }

  return { node, update };
}

function drawDoing(doing, orderId, act) {
  const button = el(
    "button.doing",
    { type: "button", "data-testid": doing.id, "data-style": doing.style, title: doing.title, "aria-label": `${doing.word}, order ${orderId}` },
    doing.word,
  );
  button.addEventListener("click", async () => {
    button.classList.add("busy");
    await act(doing.body);
    button.classList.remove("busy");
  });
  return button;
}

function describe(order) {
  const facts = [];
  if (order.remains !== null && order.remains !== undefined) facts.push(`remains ${count(order.remains)}`);
  if (order.dropped) facts.push(`dropped ${count(order.dropped)}`);
  if (order.start_count !== null && order.start_count !== undefined) facts.push(`start ${count(order.start_count)}`);
  if (order.charge !== null && order.charge !== undefined) facts.push(`charge ${order.charge}`);
  if (order.created) facts.push(clock(order.created));
  return facts.join(" · ");
}

const behaviourWords = (word) => (word && word !== "complete" && word !== "normal" ? String(word) : "");
