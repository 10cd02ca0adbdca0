/**
 * The reseller's page: it asks its own site (/site/...) for everything, and the sandbox's panel for what really happened.
 *
 * Hooks for browser tests (data-testid): buy-customer, buy-service, buy-link, buy-quantity, buy; settings, settings-state,
 * set-api_url, set-key, set-secret, set-currency, set-factor, save; sale-<number>; provider, shop, site, customer (the
 * cards), each with figure and pill; told (a line of the log, data-mark).
 */

import { clockSeconds, count, el, setText } from "/page/dom.js";
import { themeButton } from "/page/theme.js";
import { get, post } from "/page/wire.js";
import { cards } from "./cards.js";
import { money } from "./money.js";

const byId = (id) => document.getElementById(id);
const EVERY = 700;

let state = null;
let panels = [];
let chosen = null; // a sale's number; null: the newest
let services = [];
let servicesOf = ""; // the settings that they were fetched under

// -- notes ----------------------------------------------------------------------------------------------------------------

let fading = 0;
function say(text) {
  byId("toast").textContent = text;
  byId("toast").hidden = false;
  clearTimeout(fading);
  fading = setTimeout(() => (byId("toast").hidden = true), 5000);
}

async function tell(path, body) {
  try {
    return await post(path, body);
  } catch (error) {
    say(error.message);
    return null;
  } finally {
    look();
  }
}

// -- buying -----------------------------------------------------------------------------------------------------------------

const customer = el("select", { "data-testid": "buy-customer" });
const service = el("select", { "data-testid": "buy-service", onchange: showPrice });
const link = el("input", { type: "url", value: "https://instagram.com/p/partial-60", "data-testid": "buy-link" });
const quantity = el("input", { inputmode: "numeric", value: "10000", "data-testid": "buy-quantity", oninput: showPrice });
const buy = el("button.filled", { type: "submit", "data-testid": "buy" }, "Buy");
byId("till").append(
  el("label", {}, "Customer", customer),
  el("label", {}, "Service", service),
  el("label", {}, "Link", link),
  el("label", {}, "Quantity", quantity),
  buy,
);
byId("till").addEventListener("submit", async (event) => {
  event.preventDefault();
  buy.disabled = true;
  const sale = await tell("/site/buy", { customer: customer.value, service: service.value, link: link.value, quantity: number() });
  buy.disabled = false;
  if (sale) chosen = sale.number;
});

const number = () => quantity.value.replace(/[^0-9]/g, "");

function showPrice() {
  const row = services.find((one) => String(one.service) === service.value);
  const factor = Number(state?.settings.factor);
  const price = row ? Math.ceil((Number(row.rate) * Number(number()) * factor) / 10 - 1e-6) / 100 : null;
  setText(buy, price === null ? "Buy" : `Buy for ${money(price, state.settings.currency)}`);
}

async function stock() {
  const { api_url: url, key, currency, factor } = state.settings;
  const wanted = JSON.stringify([url, key, currency, factor]);
  if (!key || wanted === servicesOf) return;
  servicesOf = wanted;
  try {
    services = (await get("/site/services")).services;
  } catch (error) {
    services = [];
    servicesOf = "";
    say(error.message);
  }
  const groups = Map.groupBy ? Map.groupBy(services, (one) => one.category) : new Map([["Services", services]]);
  const before = service.value;
  service.replaceChildren(
    ...[...groups].map(([name, rows]) => {
      const group = el("optgroup", { label: name });
      group.append(...rows.map((row) => el("option", { value: row.service }, `${row.name} · ${money(row.price, currency)} per 1,000`)));
      return group;
    }),
  );
  const likes = services.find((row) => row.category === "Instagram Likes");
  service.value = before || (likes ? likes.service : service.value);
  showPrice();
}

// -- settings ---------------------------------------------------------------------------------------------------------------

const FIELDS = [
  ["api_url", "Address of the shop's API", "text"],
  ["key", "API key (/reseller, Keys, in the shop's chat)", "password"],
  ["secret", "Secret of the webhook (whsec_…)", "password"],
  ["currency", "Currency of this site", "text"],
  ["factor", "Price here for 1.00 of the shop's", "text"],
];
const inputs = Object.fromEntries(FIELDS.map(([name, , type]) => [name, el("input", { type, name, autocomplete: "off", spellcheck: "false", "data-testid": `set-${name}` })]));
const address = el("code");
byId("settings-form").append(
  el("p.hint", {}, "Messages of the shop are taken at ", address),
  ...FIELDS.map(([name, words]) => el("label", {}, words, inputs[name])),
  el("button.filled", { type: "submit", "data-testid": "save" }, "Save"),
);
byId("settings-form").addEventListener("submit", async (event) => {
  event.preventDefault();
  const typed = Object.entries(inputs).filter(([, input]) => input.value.trim()).map(([name, input]) => [name, input.value.trim()]);
  const answer = await tell("/site/settings", Object.fromEntries(typed));
  if (!answer) return;
  inputs.key.value = inputs.secret.value = "";
  byId("settings").open = false;
});

function showSettings({ api_url: url, key, listens, address: here, currency, factor }) {
  setText(address, here);
  const parts = [key ? `key ${key}…` : "no key yet", listens ? "messages are verified" : "no secret yet: messages are not taken", `sells at ${factor} ${currency} for each 1.00 of the shop's`];
  setText(byId("settings-state"), parts.join(" · "));
  inputs.key.placeholder = key ? `${key}… stays` : "";
  inputs.secret.placeholder = listens ? "stays" : "";
  for (const [name, value] of [["api_url", url], ["currency", currency], ["factor", factor]]) {
    if (!inputs[name].value && document.activeElement !== inputs[name]) inputs[name].value = value;
  }
}

// -- what is shown ------------------------------------------------------------------------------------------------------------

function replaceIf(node, key, children) {
  if (node.dataset.key === key) return;
  node.dataset.key = key;
  node.replaceChildren(...children());
}

function draw() {
  showSettings(state.settings);
  const people = state.customers.map(({ id, name, balance }) => [id, `${name} · ${money(balance, state.settings.currency)}`]);
  replaceIf(customer, JSON.stringify(people), () => people.map(([id, words]) => el("option", { value: id, selected: id === customer.value }, words)));
  const sale = state.sales.find((one) => one.number === chosen) || state.sales.at(-1);
  const tabs = state.sales.map((one) => [one.number, one === sale, `#${one.number} · ${count(one.quantity)}`]);
  replaceIf(byId("sales"), JSON.stringify(tabs), () =>
    tabs.reverse().map(([each, shown, words]) => el("button.sale-tab", { type: "button", "aria-pressed": String(shown), "data-testid": `sale-${each}`, onclick: () => ((chosen = each), draw()) }, words)),
  );
  const shown = { sale, panels, wallet: state.wallet, customer: state.customers.find((one) => one.id === sale?.customer), ready: Boolean(state.settings.key) };
  replaceIf(byId("chain"), JSON.stringify(shown), () => cards(shown, (number) => tell("/site/again", { sale: number })));
  replaceIf(byId("log"), JSON.stringify(state.log), () => (state.log.length ? state.log.map(line) : [el("li.none", {}, "Nothing yet.")]));
  showPrice();
}

const MARKS = { verified: "✓ verified", repeated: "↺ repeated", late: "⇅ late", refused: "✗ refused", foreign: "· not ours" };

function line({ at, id, kind, mark, what }) {
  return el(
    "li",
    { "data-testid": "told", "data-mark": mark },
    el("time", {}, clockSeconds(at)),
    el("span.mark", { "data-mark": mark }, MARKS[mark] || mark),
    el("span.kind", {}, kind),
    el("span.what", {}, what),
    el("code", { title: id }, id),
  );
}

let looking = false;
async function look() {
  if (looking || document.hidden) return;
  looking = true;
  try {
    [state, panels] = await Promise.all([get("/site/state"), get("/sandbox/panels")]);
    draw();
    stock();
  } catch (error) {
    say(error.message);
  } finally {
    looking = false;
  }
}

themeButton(byId("theme"));
await look();
byId("settings").open = !state?.settings.key;
setInterval(look, EVERY);
