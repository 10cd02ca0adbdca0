/** One person's line to the bot: the event stream, what is said, tapped, sent and paid, and everything that comes back. */

import { Chat } from "./chat.js";
import { get, listen, post, postForm } from "./wire.js";

const TYPING_LASTS = 6_000; // Telegram forgets a chat action after five seconds

const ACTIONS = {
  typing: "typing",
  upload_photo: "sending a photo",
  upload_video: "sending a video",
  upload_document: "sending a file",
  upload_voice: "sending a voice message",
  record_voice: "recording a voice message",
  choose_sticker: "choosing a sticker",
  find_location: "finding a location",
};

export class Conversation {
  /**
   * @param screen the phone's overlays (toast, alert, confirm, photo, checkout)
   * @param announce speaks a sentence to screen readers
   * @param changed called whenever header or composer may look different
   */
  constructor(person, screen, announce, changed) {
    this.person = person;
    this.screen = screen;
    this.changed = changed;
    this.bot = null;
    this.commands = [];
    this.action = null;
    this.blocked = false;
    this.connected = false;
    this.draft = "";
    this.stream = null;
    this.loading = false;
    this.missed = [];
    this.chat = new Chat(person, {
      announce,
      press: (message, key) => this.press(message, key),
      pay: (message) => this.pay(message),
      say: (text) => this.say(text),
      copy: (text) => screen.copy(text),
      open: (message) => screen.photo(message),
      link: (href) => this.link(href),
      tell: (text) => screen.toast(text),
    });
  }

  /** What stands under the bot's name. */
  get status() {
    if (!this.connected) return { text: "connecting", dots: true };
    if (this.action) return { text: ACTIONS[this.action] || "typing", dots: true };
    return { text: "bot", dots: false };
  }

  open() {
    const path = `/sandbox/events?person=${encodeURIComponent(this.person.id)}`;
    this.stream = listen(path, {
      opened: () => this.load(),
      event: (event) => (this.loading ? this.missed.push(event) : this.happened(event)),
      lost: () => {
        this.connected = false;
        this.changed();
      },
    });
  }

  close() {
    this.stream?.close();
    this.stream = null;
    this.connected = false;
    this.typing(null);
  }

  /** Read the whole chat; events that arrive meanwhile are applied after it, so nothing falls between the two. */
  async load() {
    this.loading = true;
    const stream = this.stream;
    try {
      const state = await get(`/sandbox/chat?person=${encodeURIComponent(this.person.id)}`);
      if (stream !== this.stream) return;
      this.bot = state.bot;
      this.commands = state.commands || [];
      this.blocked = Boolean(state.blocked);
      this.chat.load(state.messages);
      this.typing(state.typing);
      this.connected = true;
    } catch (error) {
      if (stream === this.stream && stream) setTimeout(() => stream === this.stream && this.load(), 1_500);
      return;
    } finally {
      this.loading = false;
      this.missed.splice(0).forEach((event) => this.happened(event));
      this.changed();
    }
  }

  happened(event) {
    if (event.type === "message") {
      if (event.message.from === "bot") this.typing(null);
      this.chat.put(event.message);
    } else if (event.type === "deleted") this.chat.remove(event.message_id);
    else if (event.type === "typing") this.typing(event.action);
    else if (event.type === "commands") {
      this.commands = event.commands || [];
      if (this.chat.empty) this.load(); // the bot is introducing itself: its name and description come now, too
    }
    else if (event.type === "callback") this.answered(event);
    this.changed();
  }

  typing(action) {
    clearTimeout(this.forget);
    this.action = action || null;
    if (action) this.forget = setTimeout(() => this.typing(null), TYPING_LASTS);
    this.changed();
  }

  answered({ id, text, alert, url }) {
    this.chat.answered(id);
    if (text && alert) this.screen.alert(text);
    else if (text) this.screen.toast(text);
    if (url && !this.link(url)) this.screen.confirm(`Open ${url}?`, "Open", () => window.open(url, "_blank", "noopener"));
  }

  /** Say something; true when the server took it. */
  async say(text) {
    return this.attempt(() => post("/sandbox/say", { person: this.person.id, text }));
  }

  /** Block the bot or let it in again; nothing streams this, so the chat is read anew. */
  async block(blocked) {
    if (await this.attempt(() => post("/sandbox/block", { person: this.person.id, blocked }))) await this.load();
  }

  async press(message, key) {
    const tap = this.chat.pressed(message.message_id, key.data);
    const done = await this.attempt(async () => {
      const { callback_id: id } = await post("/sandbox/press", { person: this.person.id, message_id: message.message_id, data: key.data });
      this.chat.named(tap, id);
    });
    if (!done) this.chat.release(tap);
  }

  async upload(file, caption) {
    const form = new FormData();
    form.append("person", String(this.person.id));
    if (caption) form.append("caption", caption);
    form.append("file", file, file.name);
    return this.attempt(() => postForm("/sandbox/upload", form));
  }

  pay(message) {
    if (message.invoice.paid) {
      this.screen.toast("This invoice is paid", "check");
      return;
    }
    this.screen.checkout(message.invoice, this.bot?.name || "the bot", () => this.payWith({ message_id: message.message_id }));
  }

  async payWith(invoice) {
    const result = await post("/sandbox/pay", { person: this.person.id, ...invoice });
    if (!result.ok) throw new Error(result.error || "The payment was refused");
  }

  /** Follow links into this very chat here, as Telegram does: t.me/<bot>?start=<payload>, t.me/$<invoice>. True when handled. */
  link(href) {
    let url;
    try {
      url = new URL(href);
    } catch {
      return true;
    }
    if (url.hostname === "t.me" && url.pathname.startsWith("/$")) {
      this.screen.confirm("Pay the invoice behind this link?", "Pay", () => this.attempt(() => this.payWith({ link: href })));
      return true;
    }
    const username = this.bot?.username?.toLowerCase();
    const named = url.protocol === "tg:" ? url.searchParams.get("domain") : url.hostname === "t.me" && url.pathname.slice(1);
    if (!username || !named || named.toLowerCase() !== username) return false;
    const payload = url.searchParams.get("start");
    this.say(payload ? `/start ${payload}` : "/start");
    return true;
  }

  async attempt(act) {
    try {
      await act();
      return true;
    } catch (error) {
      this.screen.toast(error.message);
      return false;
    }
  }
}
