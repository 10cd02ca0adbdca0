/** The live log of what the shop asks a panel and what it is answered. */

import { clockSeconds, el } from "./dom.js";

const KEPT = 120;

export class Requests {
  constructor() {
    this.list = el("ol.requests", { "aria-label": "Requests, newest first", tabindex: "0", "data-testid": "requests" });
    this.none = el("p.nothing", {}, "Every request of the shop appears here, with its answer.");
    this.latest = -Infinity; // when the newest shown request came in: what the stream told is not told again by a list
    this.root = el("div.requests-box", {}, this.none, this.list);
  }

  /** Add what came in since the newest shown, from a list with the newest first. */
  load(requests) {
    [...requests].reverse().forEach((request) => this.put(request));
  }

  put({ action, summary, answer, at }) {
    if (at <= this.latest) return undefined;
    this.latest = at;
    const time = clockSeconds(at);
    const last = this.list.firstElementChild;
    if (last && last.dataset.same === same(action, summary, answer)) return this.again(last, time);
    const node = el(
      "li.request",
      { "data-testid": "request", "data-action": action, "data-same": same(action, summary, answer) },
      el("span.request-top", {}, el("span.request-action", {}, action || "?"), el("span.request-times", { hidden: true }), el("time", {}, time)),
      summary ? el("span.request-summary", { dir: "ltr" }, summary) : null,
      el("code.request-answer", { dir: "ltr" }, answer || "no answer"),
    );
    this.list.prepend(node);
    while (this.list.childElementCount > KEPT) this.list.lastElementChild.remove();
    this.none.hidden = true;
    return undefined;
  }

  /** The same question with the same answer is counted, not repeated: a poller asks all day. */
  again(node, time) {
    const times = node.querySelector(".request-times");
    const before = Number(times.dataset.times || 1);
    times.dataset.times = String(before + 1);
    times.textContent = `×${before + 1}`;
    times.hidden = false;
    node.querySelector("time").textContent = time;
  }
}

const same = (...parts) => JSON.stringify(parts);
