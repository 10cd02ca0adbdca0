/** Elements, icons and small formats: everything on the page is built here as nodes, never as markup. */

const SVG = "http://www.w3.org/2000/svg";

/** Paths on a 24x24 grid, drawn with a 2px round stroke. */
const ICONS = {
  attach: "M20.5 11.2l-8.6 8.6a5.6 5.6 0 0 1-7.9-7.9l8.9-8.9a3.7 3.7 0 0 1 5.3 5.3l-8.9 8.8a1.9 1.9 0 0 1-2.7-2.6l8.1-8.1",
  card: "M3 7.5A2.5 2.5 0 0 1 5.5 5h13A2.5 2.5 0 0 1 21 7.5v9a2.5 2.5 0 0 1-2.5 2.5h-13A2.5 2.5 0 0 1 3 16.5zM3 10h18M7 15h3",
  check: "M5 12.5l4.5 4.5L19 7.5",
  close: "M6 6l12 12M18 6L6 18",
  copy: "M9 9h10v11H9zM15 5H5v11",
  dark: "M20 14.5A8.5 8.5 0 0 1 9.5 4 8.5 8.5 0 1 0 20 14.5z",
  auto: "M12 3a9 9 0 1 0 0 18zM12 3a9 9 0 0 1 0 18",
  down: "M6 9.5l6 6 6-6",
  download: "M12 4v12M6.5 11l5.5 5.5 5.5-5.5M5 20h14",
  file: "M6 3h8l5 5v13H6zM14 3v5h5",
  light: "M12 8a4 4 0 1 0 0 8 4 4 0 0 0 0-8zM12 2.5v2M12 19.5v2M2.5 12h2M19.5 12h2M5.3 5.3l1.4 1.4M17.3 17.3l1.4 1.4M18.7 5.3l-1.4 1.4M6.7 17.3l-1.4 1.4",
  menu: "M4 7h16M4 12h16M4 17h16",
  panel: "M4 5h16v14H4zM14 5v14M17 9h0M17 12h0",
  send: "M12 20V5M5.5 11.5L12 5l6.5 6.5",
  ticks: "M2 12.8l4.2 4.2L14.6 7.5M11.6 16.3l.8.7L21 7.5",
  url: "M8 16L17 7M9.5 7H17v7.5",
};

/**
 * Make an element: `el("button.key.wide", {type: "button", onclick: f}, "text", child)`.
 * `on...` properties become listeners, `true` an empty attribute, `null` and `false` nothing; children may be null.
 */
export function el(spec, attributes = {}, ...children) {
  const [tag, ...classes] = spec.split(".");
  const node = document.createElement(tag || "div");
  if (classes.length) node.className = classes.join(" ");
  for (const [name, value] of Object.entries(attributes)) {
    if (value === null || value === undefined || value === false) continue;
    if (name.startsWith("on")) node.addEventListener(name.slice(2), value);
    else node.setAttribute(name, value === true ? "" : String(value));
  }
  node.append(...children.filter((child) => child !== null && child !== undefined));
  return node;
}

/** One of the ICONS as a decorative svg. */
export function icon(name) {
  const svg = document.createElementNS(SVG, "svg");
  svg.setAttribute("viewBox", "0 0 24 24");
  svg.setAttribute("class", `icon icon-${name}`);
  svg.setAttribute("aria-hidden", "true");
  const path = document.createElementNS(SVG, "path");
  path.setAttribute("d", ICONS[name]);
  svg.append(path);
  return svg;
}

/** A round picture with the first letter of a name, in one of Telegram's seven colours. */
export function avatar(name, id) {
  const letter = [...(name || "?").trim()][0] || "?";
  return el("span.avatar", { "data-colour": Math.abs(id) % 7, "aria-hidden": "true" }, letter.toUpperCase());
}

/** Write text only where it changed, so that selections and screen readers are left alone. */
export function setText(node, text) {
  if (node.textContent !== text) node.textContent = text;
}

const CLOCK = new Intl.DateTimeFormat("en-GB", { hour: "2-digit", minute: "2-digit" });
const CLOCK_SECONDS = new Intl.DateTimeFormat("en-GB", { hour: "2-digit", minute: "2-digit", second: "2-digit" });
const DAY = new Intl.DateTimeFormat("en-US", { month: "long", day: "numeric" });
const DAY_YEAR = new Intl.DateTimeFormat("en-US", { month: "long", day: "numeric", year: "numeric" });
const NUMBER = new Intl.NumberFormat("en-US");

/** Unix seconds -> "14:03". */
export const clock = (seconds) => CLOCK.format(seconds * 1000);

/** Unix seconds -> "14:03:27". */
export const clockSeconds = (seconds) => CLOCK_SECONDS.format(seconds * 1000);

/** 10000 -> "10,000"; what is not a number is shown as it is. */
export const count = (value) => (Number.isFinite(Number(value)) ? NUMBER.format(Number(value)) : String(value));

/** Unix seconds -> "2026-10-09", the reader's own day. */
export function dayKey(seconds) {
  const date = new Date(seconds * 1000);
  return [date.getFullYear(), date.getMonth() + 1, date.getDate()].map((part) => String(part).padStart(2, "0")).join("-");
}

/** Unix seconds -> "Today", "October 9", "October 9, 2025". */
export function dayTitle(seconds) {
  const date = new Date(seconds * 1000);
  const now = new Date();
  if (date.toDateString() === now.toDateString()) return "Today";
  return (date.getFullYear() === now.getFullYear() ? DAY : DAY_YEAR).format(date);
}

/** Bytes -> "12.3 KB". */
export function fileSize(bytes) {
  if (!Number.isFinite(bytes)) return "";
  if (bytes < 1024) return `${bytes} B`;
  const kilo = bytes / 1024;
  return kilo < 1024 ? `${kilo.toFixed(1)} KB` : `${(kilo / 1024).toFixed(1)} MB`;
}

/** An invoice total in the currency's smallest unit -> "⭐ 100" or "$4.00". */
export function price(total, currency) {
  if (currency === "XTR") return `⭐ ${count(total)}`;
  try {
    const format = new Intl.NumberFormat("en-US", { style: "currency", currency });
    return format.format(total / 10 ** format.resolvedOptions().maximumFractionDigits);
  } catch {
    return `${count(total)} ${currency}`;
  }
}
