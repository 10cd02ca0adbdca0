/** The table of magic links: a link that decides in advance how an order will go. */

import { el, icon } from "./dom.js";
import { get } from "./wire.js";

const ROOT = "https://instagram.com/p/"; // for stories named by their word alone

/** Fill the section, or leave it hidden where the sandbox has no stories. */
export async function showStories(section, copy) {
  let stories;
  try {
    stories = await get("/sandbox/stories");
  } catch {
    section.hidden = true;
    return;
  }
  const rows = stories.map((story) => drawStory(story, copy));
  const none = el("p.nothing", { hidden: true }, "No such link.");
  const filter = el("input.filter", { type: "search", placeholder: `Find among ${stories.length} links`, "aria-label": "Find a magic link" });
  filter.addEventListener("input", () => {
    const wanted = filter.value.trim().toLowerCase();
    rows.forEach(({ node, words }) => {
      node.hidden = !words.includes(wanted);
    });
    none.hidden = rows.some(({ node }) => !node.hidden);
  });
  const table = el(
    "table.stories",
    {},
    el("caption.offscreen", {}, "Magic links"),
    el("thead.offscreen", {}, el("tr", {}, el("th", { scope: "col" }, "Link and what happens"), el("th", { scope: "col" }, "Copy"))),
    el("tbody", {}, ...rows.map(({ node }) => node)),
  );
  section.querySelector(".section-body").replaceChildren(
    el("p.section-note", {}, "Order with one of these links, and the order goes that way by itself."),
    filter,
    el("div.stories-box", {}, table, none),
  );
  section.hidden = stories.length === 0;
}

function drawStory({ link, title, what }, copy) {
  const whole = link.includes("://") ? link : ROOT + link;
  const word = whole.replace(/\/+$/, "").split("/").pop();
  const node = el(
    "tr",
    { "data-testid": "story" },
    el("th", { scope: "row" }, el("span.story-top", {}, el("strong", {}, title), el("code", { title: whole }, word)), el("span.story-what", {}, what)),
    el("td", {}, el("button.round.small", { type: "button", "aria-label": `Copy the link ${word}`, title: whole, onclick: () => copy(whole) }, icon("copy"))),
  );
  return { node, words: `${word} ${title} ${what}`.toLowerCase() };
}
