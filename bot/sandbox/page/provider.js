/** The side panel "What the provider sees": one tab for each simulated panel, its switches, orders and requests. */

import { el, icon, setText } from "./dom.js";
import { Orders } from "./orders.js";
import { Requests } from "./requests.js";
import { showStories } from "./stories.js";
import { Toasts } from "./toasts.js";
import { get, listen, post } from "./wire.js";

const SETTLES = 400; // ms to wait before balances are read again after something happened

/** A panel's modes add up until "up"; the page keeps to one at a time. */
const MODES = [
  { mode: "up", word: "Works", title: "The panel answers as it should" },
  { mode: "slow", word: "Slow", title: "Every answer takes seconds" },
  { mode: "garbage", word: "Garbage", title: "Every answer is an HTML page" },
  { mode: "refuse_key", word: "Refuses key", title: "Every request is answered with Invalid API key" },
  { mode: "down", word: "Down", title: "The panel is out of order" },
];

export class Provider {
  /** @param root the aside that is filled */
  constructor(root) {
    this.panels = new Map(); // name -> view of one panel
    this.current = null;
    this.reading = 0;
    this.light = el("span.live", { title: "Live" });
    this.tabs = el("div.tabs", { role: "tablist", "aria-label": "Panels" });
    this.orders = el("div.column.orders-column");
    this.log = el("section.column-part.log-part", { "aria-label": "Requests" });
    this.stories = section("Magic links", "stories");
    this.stories.hidden = true;
    this.close = el("button.round.close-panel", { type: "button", "aria-label": "Close the panel", "data-testid": "panel-close" }, icon("close"));
    root.append(
      el("div.provider-head", {}, el("h2", {}, "What the provider sees"), this.light, this.close),
      this.tabs,
      el("div.columns", {}, this.orders, el("div.column.side-column", {}, this.log, this.stories)),
    );
    this.toasts = new Toasts(root, "panel-toast");
    this.tabs.addEventListener("keydown", (event) => this.walk(event));
  }

  /** Begin to listen; `opened` is called at every connection. */
  start(opened) {
    listen("/sandbox/panels/events", {
      opened: () => {
        opened();
        this.connected(true);
        this.read();
      },
      event: (event) => this.happened(event),
      lost: () => this.connected(false),
    });
    showStories(this.stories, (text) => this.toasts.copy(text));
  }

  connected(alive) {
    this.light.classList.toggle("lost", !alive);
    this.light.title = alive ? "Live" : "Connecting…";
  }

  /** Read all panels: at every connection, and for the balances after something happened. */
  async read() {
    let panels;
    try {
      panels = await get("/sandbox/panels");
    } catch {
      return; // the stream tells when the server is back
    }
    for (const panel of panels) {
      const view = this.panels.get(panel.name) || this.add(panel);
      view.load(panel);
    }
    if (this.current === null && panels.length) this.select(panels[0].name);
  }

  soon() {
    clearTimeout(this.reading);
    this.reading = setTimeout(() => this.read(), SETTLES);
  }

  happened(event) {
    const view = this.panels.get(event.panel);
    if (event.type === "order" && view) {
      view.order(event.order);
      this.soon();
    } else if (event.type === "request" && view) {
      view.requests.put(event);
      if (event.action === "add" || event.action === "cancel") this.soon();
    } else this.soon();
  }

  add(panel) {
    const view = new PanelView(panel, (path, body) => this.tell(path, body));
    view.tab.addEventListener("click", () => this.select(panel.name));
    this.panels.set(panel.name, view);
    this.tabs.append(view.tab);
    this.orders.append(view.root);
    this.log.append(view.logRoot);
    view.show(false);
    return view;
  }

  select(name) {
    this.current = name;
    for (const [other, view] of this.panels) view.show(other === name);
  }

  /** Arrow keys walk the tabs. */
  walk(event) {
    const names = [...this.panels.keys()];
    const steps = { ArrowRight: 1, ArrowLeft: -1 };
    let next = null;
    if (event.key in steps) next = names[(names.indexOf(this.current) + steps[event.key] + names.length) % names.length];
    else if (event.key === "Home") [next] = names;
    else if (event.key === "End") next = names.at(-1);
    if (!next) return;
    event.preventDefault();
    this.select(next);
    this.panels.get(next).tab.focus();
  }

  /** Tell a panel what to do; its answer, or null and a note when it refused. */
  async tell(path, body) {
    try {
      return await post(path, body);
    } catch (error) {
      this.toasts.say(error.message);
      return null;
    } finally {
      this.soon();
    }
  }
}

/** One panel: tab, switches, orders, requests. */
class PanelView {
  constructor({ name, title }, tell) {
    this.name = name;
    this.tell = tell;
    this.path = `/sandbox/panels/${encodeURIComponent(name)}`;
    this.amount = el("span.tab-balance");
    this.tab = el(
      "button.tab",
      { type: "button", role: "tab", id: `tab-${name}`, "aria-controls": `panel-${name}`, "data-testid": `panel-${name}` },
      el("span.tab-light", { "aria-hidden": "true" }),
      el("span.tab-title", {}, title),
      this.amount,
    );
    this.orders = new Orders((id, body) => this.decide(id, body));
    this.requests = new Requests();
    this.modes = MODES.map((one) => this.drawMode(one));
    this.balance = el("input.balance", { type: "text", inputmode: "decimal", "aria-label": `Balance at ${title}`, title: "Balance", autocomplete: "off" });
    this.root = el(
      "div.panel-view",
      { role: "tabpanel", id: `panel-${name}`, "aria-labelledby": `tab-${name}` },
      el(
        "div.switches",
        {},
        el("div.segments", { role: "group", "aria-label": `How ${title} behaves` }, ...this.modes.map(({ button }) => button)),
        this.drawBalance(title),
      ),
      this.orders.root,
    );
    this.logRoot = el("div.log-view", {}, el("h3", {}, "Requests"), this.requests.root);
  }

  drawMode({ mode, word, title }) {
    const act = async () => {
      const works = await this.tell(this.path, { do: "up" });
      const state = mode === "up" || works === null ? works : await this.tell(this.path, { do: mode });
      if (state) this.setModes(state.modes || [mode]);
    };
    const button = el("button.segment", { type: "button", title, "data-testid": `panel-${mode}`, "aria-pressed": "false", onclick: act }, word);
    return { mode, button };
  }

  drawBalance(title) {
    const form = el("form.balance-form", {}, this.balance, el("button.doing", { type: "submit", "aria-label": `Set the balance at ${title}` }, "Set"));
    form.addEventListener("submit", (event) => {
      event.preventDefault();
      this.balance.blur();
      this.tell(this.path, { do: "set_balance", value: this.balance.value.trim() });
    });
    return form;
  }

  async decide(id, body) {
    const order = await this.tell(`${this.path}/orders/${encodeURIComponent(id)}`, body);
    if (order?.id !== undefined) this.order(order);
  }

  load({ balance, currency, orders, requests, modes }) {
    setText(this.amount, `${balance} ${currency}`);
    if (document.activeElement !== this.balance) this.balance.value = balance;
    if (modes) this.setModes(modes);
    this.orders.load(orders);
    this.requests.load(requests);
  }

  order(order) {
    this.orders.put(order);
  }

  setModes(modes) {
    const active = modes.filter((mode) => mode !== "up");
    this.tab.dataset.modes = active.join(" ");
    for (const { mode, button } of this.modes) {
      button.setAttribute("aria-pressed", String(mode === "up" ? active.length === 0 : active.includes(mode)));
    }
  }

  show(shown) {
    this.tab.setAttribute("aria-selected", String(shown));
    this.tab.tabIndex = shown ? 0 : -1;
    this.root.hidden = !shown;
    this.logRoot.hidden = !shown;
  }
}

function section(title, kind) {
  return el(`details.column-part.${kind}-part`, { open: true }, el("summary", {}, el("h3", {}, title), icon("down")), el("div.section-body"));
}
