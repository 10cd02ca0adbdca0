/** The chain of one sale as four cards: what the panel delivered, what the shop settled, what the site did, who has it. */

import { count, el } from "/page/dom.js";
import { less, money } from "./money.js";

const SHORT = 2; // seconds by which the panel's clock may be read before the sale was written down

export function cards({ sale, panels, wallet, customer, ready }, again) {
  if (!sale) {
    const words = ready ? ["Nothing is sold yet", "Buy something above: the link decides how the panel behaves."] : ["Not connected yet", "Paste the shop's API key and the secret of the webhook under Settings."];
    return [el("p.empty", {}, el("b", {}, words[0]), words[1])];
  }
  return [provider(sale, panels), shop(sale, wallet), site(sale, again), person(sale, customer)];
}

function card(testid, place, title, status, ...parts) {
  return el(
    "article.link",
    { "data-testid": testid },
    el("header.link-head", {}, el("span.link-place", {}, place), el("span.link-title", {}, title, status ? el("span.pill", { "data-testid": "pill", "data-status": status }, status) : null)),
    ...parts,
  );
}

const figure = (amount, words, kind = "") => el(`p.figure${kind}`, {}, el("b", { "data-testid": "figure" }, amount), el("span", {}, words));

function rows(...lines) {
  return el("dl.rows", {}, ...lines.filter(Boolean).map(([name, value, kind]) => el(kind ? `div.${kind}` : "div", {}, el("dt", {}, name), el("dd", {}, value))));
}

/** The panel's own truth: the first order under this link since the sale. */
function provider(sale, panels) {
  const found = panels.flatMap((panel) => panel.orders.filter((order) => order.link === sale.link && order.quantity === sale.quantity && order.created > sale.at - SHORT).map((order) => ({ panel, order })));
  const { panel, order } = found.sort((one, other) => one.order.created - other.order.created)[0] || {};
  if (!order) return card("provider", "Provider", "Has not heard of it", "", el("p.link-note", {}, sale.state === "refused" ? "The shop never ordered it." : "The shop orders it next."));
  const bar = el("i");
  bar.style.inlineSize = `${(100 * order.delivered) / order.quantity}%`;
  return card(
    "provider", "Provider", `Order ${order.id}`, order.status,
    figure(count(order.delivered), `of ${count(order.quantity)} delivered`),
    el("div.meter", {}, bar),
    rows(["Still missing", count(order.remains)], [`${panel.title} keeps`, money(order.charge, panel.currency)]),
    el("p.link-note", {}, sale.service_name),
  );
}

/** The wholesale order, as the newest event says it stands; until the first one, as `status` does. */
function shop(sale, wallet) {
  const { told, asked } = sale;
  const status = told?.status || asked?.status || { asking: "Asking", unsure: "Unsure", refused: "Refused", placed: "Pending" }[sale.state];
  const [balance, currency] = (wallet || " ").split(" ");
  const before = sale.wallet_before?.split(" ")[0];
  const title = sale.order === null ? "No order" : `Order #${sale.order}`;
  const holds = wallet ? money(balance, currency) : "…";
  if (!told) {
    return card("shop", "Shop, wholesale", title, status, rows(before ? ["Wallet before", money(before, currency)] : null, ["Wallet now", holds, "sum"]), el("p.link-note", {}, sale.refusal || "No message has come yet."));
  }
  return card(
    "shop", "Shop, wholesale", title, status,
    figure(money(told.refunded, told.currency), "back in the reseller's wallet", Number(told.refunded) ? ".good" : ""),
    rows(
      before ? ["Wallet before", money(before, currency)] : null,
      ["Charged", money(told.charge, told.currency)],
      ["Back", `+${money(told.refunded, told.currency)}`, Number(told.refunded) ? "back" : ""],
      ["Kept", money(told.kept, told.currency)],
      ["Wallet now", holds, "sum"],
    ),
  );
}

/** What the site itself took and gave back, and what is left for it where both sides count in the same money. */
function site(sale, again) {
  const kept = less(sale.price, sale.credited);
  const told = sale.told;
  const same = told && told.currency === sale.currency;
  const status = { asking: "Asking", unsure: "Unsure", refused: "Refused" }[sale.state] || (told ? told.status : "Placed");
  const retry = sale.state === "unsure" ? el("button.quiet", { type: "button", "data-testid": "again", onclick: () => again(sale.number) }, "Ask the shop again") : null;
  return card(
    "site", "This site, retail", `Sale #${sale.number}`, status,
    figure(money(sale.credited, sale.currency), "credited to its customer", Number(sale.credited) ? ".good" : ""),
    rows(
      ["Sold for", money(sale.price, sale.currency)],
      ["Credited", `+${money(sale.credited, sale.currency)}`, Number(sale.credited) ? "back" : ""],
      ["Keeps", money(kept, sale.currency)],
      told ? ["Pays the shop", money(told.kept, told.currency)] : null,
      same ? ["Margin", money(less(kept, told.kept), sale.currency), "sum"] : null,
    ),
    retry,
    el("p.link-note", {}, sale.state === "unsure" ? `No answer came to the order. The money is kept until it is known. ${sale.refusal}` : told ? "By a verified message alone: nobody's hand." : ""),
  );
}

function person(sale, customer) {
  const after = less(sale.balance_before, sale.price);
  const told = sale.told;
  let words = "The order is being delivered.";
  if (Number(sale.credited)) words = told ? `${count(told.delivered)} of ${count(told.quantity)} were delivered. ${money(sale.credited, sale.currency)} is back in your balance.` : `We could not take this order. ${money(sale.credited, sale.currency)} is back in your balance.`;
  else if (told?.status === "Completed") words = `All ${count(told.quantity)} were delivered.`;
  return card(
    "customer", "Its customer", customer.name, "",
    figure(money(customer.balance, sale.currency), "in the balance now"),
    rows(
      ["Before", money(sale.balance_before, sale.currency)],
      ["Paid", money(less("0", sale.price), sale.currency)],
      ["After the order", money(after, sale.currency)],
      Number(sale.credited) ? ["Came back by itself", `+${money(sale.credited, sale.currency)}`, "back"] : null,
    ),
    el(`p.link-note${Number(sale.credited) ? ".warm" : ""}`, {}, words),
  );
}
