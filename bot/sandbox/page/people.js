/** The row of people whose phone this is, with a mark on those the bot has written to meanwhile. */

import { avatar, el } from "./dom.js";
import { get } from "./wire.js";

const LOOK_EVERY = 4_000;

export class People {
  constructor(root, choose) {
    this.root = root;
    this.choose = choose;
    this.chips = new Map(); // id -> {chip, badge, unread, left: when their chat was last on the screen, in seconds}
    this.current = null;
    this.seen = null; // number of the last line read in the sandbox's log
  }

  draw(people) {
    this.chips.clear();
    this.root.replaceChildren(
      ...people.map((person) => {
        const badge = el("span.unread", { hidden: true });
        const chip = el(
          "button.person",
          { type: "button", "data-testid": `person-${person.id}`, "aria-pressed": "false", title: `${person.name}, ${person.role} (${person.language_code})`, onclick: () => this.choose(person) },
          avatar(person.name, person.id),
          el("span.person-words", {}, el("span.person-name", { dir: "auto" }, person.name), el("span.person-role", {}, person.role)),
          badge,
        );
        this.chips.set(person.id, { chip, badge, unread: 0, left: 0 });
        return chip;
      }),
    );
    this.select(this.current);
  }

  select(id) {
    const leaving = this.chips.get(this.current);
    if (leaving) leaving.left = Date.now() / 1000;
    this.current = id;
    for (const [person, entry] of this.chips) {
      entry.chip.setAttribute("aria-pressed", String(person === id));
      if (person === id) this.count(entry, 0);
    }
  }

  count(entry, unread) {
    entry.unread = unread;
    entry.badge.hidden = unread === 0;
    entry.badge.replaceChildren(String(unread), el("span.offscreen", {}, " new"));
  }

  /** The server is another one now: its log begins anew. */
  forget() {
    this.seen = null;
  }

  /** Look through the sandbox's log for messages to the others; only the first look reads it from its start. */
  async watch() {
    try {
      if (!document.hidden) this.read(await get(`/sandbox/log?after=${this.seen ?? 0}`));
    } catch {
      // the server is away; the chat says so
    }
    setTimeout(() => this.watch(), LOOK_EVERY);
  }

  read(lines) {
    const first = this.seen === null;
    for (const line of lines) {
      this.seen = Math.max(this.seen ?? 0, line.n);
      const entry = this.chips.get(line.person);
      const wrote = /^send(?!ChatAction)/.test(line.what || "") && !line.error;
      if (!first && entry && wrote && line.person !== this.current && line.at > entry.left) this.count(entry, entry.unread + 1);
    }
    this.seen ??= 0;
  }
}
