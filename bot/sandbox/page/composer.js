/** The line at the bottom: writing, the command menu and its completion after "/", sending files, and START in an empty chat. */

import { el, icon } from "./dom.js";

const LONGEST = 4096;

export class Composer {
  /** @param actions start(), say(text) -> went?, upload(file, caption) -> went?, preview(file, send) */
  constructor(actions) {
    this.actions = actions;
    this.commands = [];
    this.shown = []; // commands in the open list
    this.marked = -1;
    this.list = el("ul.commands", { id: "commands", role: "listbox", "aria-label": "Commands", hidden: true, "data-testid": "commands" });
    this.menu = el(
      "button.menu-button",
      { type: "button", "data-testid": "menu", "aria-label": "Menu of commands", "aria-haspopup": "listbox", "aria-expanded": "false", "aria-controls": "commands", onclick: (event) => this.toggleMenu(event) },
      el("span.menu-icon", { "aria-hidden": "true" }, icon("menu")),
      el("span", {}, "Menu"),
    );
    this.input = el("textarea", {
      "data-testid": "input",
      "aria-label": "Message",
      placeholder: "Message",
      rows: "1",
      dir: "auto",
      maxlength: LONGEST,
      enterkeyhint: "send",
      autocomplete: "off",
      "aria-autocomplete": "list",
      "aria-controls": "commands",
    });
    this.file = el("input.offscreen", { type: "file", tabindex: "-1", "aria-hidden": "true", "data-testid": "file" });
    this.attach = el("button.attach", { type: "button", "aria-label": "Send a file or photo", "data-testid": "attach", onclick: () => this.file.click() }, icon("attach"));
    this.button = el("button.send", { type: "submit", "data-testid": "send", "aria-label": "Send" }, icon("send"));
    this.form = el("form.composer-line", {}, this.menu, el("div.field", {}, this.input, this.attach), this.button, this.file);
    this.start = el("button.start", { type: "button", "data-testid": "start", hidden: true, onclick: () => this.actions.start() }, "START");
    this.root = el("div.composer", {}, this.list, this.form, this.start);
    this.listenTo();
    this.typed();
  }

  listenTo() {
    this.form.addEventListener("submit", (event) => {
      event.preventDefault();
      this.submit();
    });
    this.input.addEventListener("input", () => this.typed());
    this.input.addEventListener("keydown", (event) => this.key(event));
    this.input.addEventListener("paste", (event) => {
      const [file] = event.clipboardData?.files || [];
      if (!file) return;
      event.preventDefault();
      this.offer(file);
    });
    this.file.addEventListener("change", () => {
      const [file] = this.file.files;
      this.file.value = "";
      if (file) this.offer(file);
    });
    this.root.addEventListener("focusout", (event) => {
      if (!this.root.contains(event.relatedTarget)) this.hideList();
    });
  }

  /** Show another person's line: their commands, their unsent words, START while there is no chat with the bot. */
  show({ commands, empty, blocked }) {
    const names = JSON.stringify(commands);
    if (names !== this.names) {
      this.names = names;
      this.commands = commands;
      this.menu.hidden = commands.length === 0;
      if (!this.list.hidden) this.hideList();
    }
    const focused = this.form.contains(document.activeElement) || document.activeElement === this.start;
    const closed = empty || blocked;
    const turned = this.form.hidden !== closed;
    this.form.hidden = closed;
    this.start.hidden = !closed;
    this.start.textContent = blocked ? "RESTART BOT" : "START";
    if (turned && focused) (closed ? this.start : this.input).focus();
  }

  get draft() {
    return this.input.value;
  }

  set draft(text) {
    this.input.value = text;
    this.hideList();
    this.fit();
  }

  async submit() {
    const text = this.input.value.trim();
    if (!text) return;
    this.draft = "";
    const went = await this.actions.say(text);
    if (!went && !this.input.value) this.draft = text;
  }

  offer(file) {
    this.actions.preview(file, (caption) => this.actions.upload(file, caption));
  }

  typed() {
    this.fit();
    const typing = /^\/([a-z0-9_]*)$/i.exec(this.input.value);
    if (!typing) return this.hideList();
    const start = typing[1].toLowerCase();
    return this.showList(this.commands.filter((one) => one.command.startsWith(start)));
  }

  fit() {
    this.input.style.height = "auto";
    this.input.style.height = `${Math.min(this.input.scrollHeight, 132)}px`;
    this.button.disabled = !this.input.value.trim();
  }

  // -- the list of commands -----------------------------------------------------------------------------------------

  toggleMenu(event) {
    if (!this.list.hidden) return this.hideList();
    this.showList(this.commands);
    // From the keyboard the list is walked in the input; a finger must not bring up the phone's keyboard.
    if (event.detail === 0) {
      this.input.focus();
      this.mark(0);
    }
    return undefined;
  }

  showList(commands) {
    if (!commands.length) return this.hideList();
    this.shown = commands;
    this.list.replaceChildren(...commands.map((one, index) => this.option(one, index)));
    this.list.hidden = false;
    this.menu.setAttribute("aria-expanded", "true");
    this.mark(-1);
    return undefined;
  }

  option(one, index) {
    const node = el(
      "li",
      { role: "option", id: `command-${index}`, "aria-selected": "false", "data-command": one.command, "data-testid": "command", onclick: () => this.choose(one) },
      el("b", {}, `/${one.command}`),
      el("span", { dir: "auto" }, one.description),
    );
    node.addEventListener("mousedown", (event) => event.preventDefault()); // the input keeps its focus
    return node;
  }

  hideList() {
    this.list.hidden = true;
    this.marked = -1;
    this.input.removeAttribute("aria-activedescendant");
    this.menu.setAttribute("aria-expanded", "false");
  }

  mark(index) {
    this.marked = index;
    [...this.list.children].forEach((node, place) => {
      node.setAttribute("aria-selected", String(place === index));
      if (place === index) node.scrollIntoView({ block: "nearest" });
    });
    if (index < 0) this.input.removeAttribute("aria-activedescendant");
    else this.input.setAttribute("aria-activedescendant", `command-${index}`);
  }

  choose(one) {
    this.draft = "";
    this.actions.say(`/${one.command}`);
  }

  key(event) {
    if (event.isComposing) return;
    const open = !this.list.hidden;
    const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
    if (open && step) {
      event.preventDefault();
      const from = this.marked < 0 && step < 0 ? 0 : this.marked;
      this.mark((from + step + this.shown.length) % this.shown.length);
    } else if (open && event.key === "Tab" && !event.shiftKey) {
      event.preventDefault();
      this.draft = `/${this.shown[Math.max(this.marked, 0)].command} `;
    } else if (open && event.key === "Escape") {
      event.stopPropagation();
      this.hideList();
    } else if (event.key === "Enter" && !event.shiftKey) {
      event.preventDefault();
      if (open && this.marked >= 0) this.choose(this.shown[this.marked]);
      else this.submit();
    }
  }
}
