/** One person's list of messages: days, edits in place, deletions, and a scroll that stays at the bottom unless the reader left it. */

import { dayKey, dayTitle, el, icon } from "./dom.js";
import { drawMessage, spoken } from "./message.js";
import { setBusy } from "./keyboard.js";

const NEAR = 48; // px from the bottom that still count as "at the bottom"
const CALM = 1_500; // ms without a change before the next one is marked
const TAP_WAITS = 15_000; // Telegram's own clients give a tap up about then

export class Chat {
  /**
   * @param actions what a message can ask for: press(message, key), pay(message), say(text), copy(text),
   *   open(message), link(href) -> handled here?, tell(text), announce(text)
   */
  constructor(person, actions) {
    this.actions = actions;
    this.messages = new Map(); // id -> {message, node, json}
    this.waiting = new Map(); // "id data" -> {timer, callback}
    this.early = new Map(); // callback ids answered before the press returned
    this.marks = new Map(); // id -> when it was last redrawn
    this.loaded = false;
    this.stuck = true;
    this.unread = 0;
    this.top = 0;
    this.list = el("div.chat-list");
    this.scroller = el(
      "div.chat",
      { "data-testid": "chat", "data-person": person.id, role: "log", "aria-live": "off", "aria-label": `Messages of ${person.name}`, tabindex: "0" },
      this.list,
    );
    this.badge = el("span.jump-count");
    this.jump = el("button.jump", { type: "button", "data-testid": "jump", hidden: true, onclick: () => this.bottom() }, icon("down"), this.badge);
    this.root = el("div.chat-view", {}, this.scroller, this.jump);
    this.resting = 0;
    this.scroller.addEventListener("scroll", () => this.scrolled(), { passive: true });
    this.sizes = new ResizeObserver(() => this.settle());
  }

  get empty() {
    return this.loaded && this.messages.size === 0;
  }

  /** Put the list on the page, where the reader left it. */
  attach(parent) {
    parent.replaceChildren(this.root);
    if (this.stuck) this.bottom();
    else this.scroller.scrollTop = this.top;
    this.sizes.observe(this.scroller);
    this.sizes.observe(this.list);
  }

  detach() {
    this.sizes.disconnect();
    this.top = this.scroller.scrollTop;
    this.root.remove();
  }

  /** Bring the list to the server's state: what is gone goes, what changed is redrawn, the rest is left alone. */
  load(messages) {
    const known = new Set(messages.map((message) => message.message_id));
    for (const id of [...this.messages.keys()]) if (!known.has(id)) this.remove(id);
    for (const message of messages) this.put(message, this.loaded);
    if (!this.loaded) this.bottom();
    this.loaded = true;
  }

  /** Add a message or redraw the one with the same id; `live` marks what happens before the reader's eyes. */
  put(message, live = true) {
    const json = JSON.stringify(message);
    const before = this.messages.get(message.message_id);
    if (before?.json === json) return;
    const node = drawMessage(message, this.actions, (key) => this.waiting.has(tapKey(message.message_id, key.data)));
    this.messages.set(message.message_id, { message, node, json });
    if (before) this.redraw(before.node, node, live);
    else this.insert(message, node, live);
    if (live && message.from === "bot") this.actions.announce(spoken(message));
    this.settle();
  }

  remove(id) {
    const entry = this.messages.get(id);
    if (!entry) return;
    this.messages.delete(id);
    const day = entry.node.parentElement;
    entry.node.remove();
    if (day && !day.querySelector(".message")) day.remove();
  }

  redraw(old, node, live) {
    const focused = old.contains(document.activeElement) ? document.activeElement : null;
    const same = focused && node.querySelector(`.key[data-data="${CSS.escape(focused.dataset.data || "")}"]:not(:disabled)`);
    old.replaceWith(node);
    if (focused) (same || node).focus({ preventScroll: true });
    // A quickly moving order card is redrawn all the time: only the first change of a burst is marked.
    const now = performance.now();
    if (live && now - (this.marks.get(node.dataset.messageId) ?? -Infinity) > CALM) node.classList.add("changed");
    this.marks.set(node.dataset.messageId, now);
  }

  insert(message, node, live) {
    const day = this.day(message.date);
    let before = day.lastElementChild;
    while (Number(before.dataset.messageId) > message.message_id) before = before.previousElementSibling;
    before.after(node);
    if (!live) return;
    node.classList.add("arrives");
    if (message.from === "person") this.bottom();
    else if (!this.stuck) this.unread += 1;
  }

  /** The section of a day, made in its place. */
  day(seconds) {
    const key = dayKey(seconds);
    const days = [...this.list.children];
    const found = days.find((section) => section.dataset.day === key);
    if (found) return found;
    const made = el("section.day", { "data-day": key, "aria-label": dayTitle(seconds) }, el("div.date", { "aria-hidden": "true" }, el("span", {}, dayTitle(seconds))));
    const after = days.find((section) => section.dataset.day > key);
    this.list.insertBefore(made, after || null);
    return made;
  }

  // -- taps that wait for their answer ------------------------------------------------------------------------------

  /** Show the wait on a key; `answered` ends it. */
  pressed(messageId, data) {
    const tap = tapKey(messageId, data);
    clearTimeout(this.waiting.get(tap)?.timer);
    this.waiting.set(tap, { callback: null, timer: setTimeout(() => this.release(tap), TAP_WAITS) });
    this.mark(tap, true);
    return tap;
  }

  /** The server named the tap; its answer may even have come before. */
  named(tap, callback) {
    const wait = this.waiting.get(tap);
    if (!wait) return;
    if (this.early.delete(callback)) this.release(tap);
    else wait.callback = callback;
  }

  /** A callback was answered: end its wait, or remember it for the press that is still under way. */
  answered(callback) {
    for (const [tap, wait] of this.waiting) {
      if (wait.callback === callback) return this.release(tap);
    }
    this.early.set(callback, true);
    if (this.early.size > 50) this.early.delete(this.early.keys().next().value);
    return undefined;
  }

  release(tap) {
    clearTimeout(this.waiting.get(tap)?.timer);
    this.waiting.delete(tap);
    this.mark(tap, false);
  }

  mark(tap, waiting) {
    const [id, data] = splitTap(tap);
    const node = this.messages.get(id)?.node;
    for (const key of node?.querySelectorAll(".key") || []) if (key.dataset.data === data) setBusy(key, waiting);
  }

  // -- scrolling ----------------------------------------------------------------------------------------------------

  bottom() {
    this.stuck = true;
    this.unread = 0;
    this.scroller.scrollTop = this.scroller.scrollHeight;
    this.showJump();
  }

  settle() {
    if (this.stuck) this.scroller.scrollTop = this.scroller.scrollHeight;
    this.showJump();
  }

  scrolled() {
    const { scrollTop, scrollHeight, clientHeight } = this.scroller;
    this.stuck = scrollHeight - scrollTop - clientHeight < NEAR;
    if (this.stuck) this.unread = 0;
    this.scroller.classList.add("moving");
    clearTimeout(this.resting);
    this.resting = setTimeout(() => this.scroller.classList.remove("moving"), 1_200);
    this.showJump();
  }

  showJump() {
    this.jump.hidden = this.stuck;
    this.badge.hidden = this.unread === 0;
    this.badge.textContent = String(this.unread);
    this.jump.setAttribute("aria-label", this.unread ? `New messages: ${this.unread}. Go to the newest` : "Go to the newest message");
  }
}

const tapKey = (messageId, data) => `${messageId} ${data}`;

function splitTap(tap) {
  const space = tap.indexOf(" ");
  return [Number(tap.slice(0, space)), tap.slice(space + 1)];
}
