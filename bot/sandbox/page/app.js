/**
 * The sandbox page put together: people, the phone with one chat each, and the provider's side panel.
 *
 * It speaks only the page API of the sandbox server (/sandbox/...). Parts: wire (requests, event streams), conversation
 * (one person's line to the bot), chat > message > keyboard (what is drawn), composer, overlay and toasts (what lies
 * over the chat), people, provider > orders, requests, stories (the side panel), theme, dom.
 *
 * Hooks for browser tests (data-testid):
 *   person-<id>      switch to a person (aria-pressed tells who is shown)
 *   chat             the list of messages (data-person); START stands instead of the input while it is empty
 *   message          a message: data-message-id, data-from="bot"|"person"; button: a key under it (data-data is its
 *                    callback data, data-style its colour; class "busy" while its tap waits for an answer)
 *   start            START in an empty chat (RESTART BOT in a blocked one);   status   what stands under the bot's name ("bot", "typing", "connecting")
 *   input, send      the message line; menu, commands, command (data-command) the command list; jump "new messages"
 *   attach, file     the upload button and its file input; then upload-caption, upload-send in the sheet
 *   toast            short notes; alert-ok closes an alert; pay-confirm pays in the checkout; dialog-<kind> any dialog
 *   panel-<name>     tab of a panel; panel-up, panel-slow, panel-garbage, panel-refuse_key, panel-down its switches
 *   panel-order      an order at the shown panel (data-order-id, data-status), with
 *                    do-finish, do-stop, do-cancel, do-silence, do-garbage, do-resume
 *   requests, request (data-action)   the request log;   story   a magic link;   panel-toast   notes of the panel
 *   theme            the theme button;   panel-toggle, panel-close   the drawer on a narrow screen
 */

import { Composer } from "./composer.js";
import { Conversation } from "./conversation.js";
import { avatar, clock, el, icon, setText } from "./dom.js";
import { Screen } from "./overlay.js";
import { People } from "./people.js";
import { Provider } from "./provider.js";
import { themeButton } from "./theme.js";
import { get } from "./wire.js";

const byId = (id) => document.getElementById(id);
const NARROW = window.matchMedia("(max-width: 899px)");

const screen = new Screen(byId("screen"));
const conversations = new Map(); // person id -> Conversation, kept with its chat and draft
let current = null;

// -- the chat's head ----------------------------------------------------------------------------------------------------

const title = el("strong.chat-name", { dir: "auto" }, "…");
const status = el("span.chat-status", { "data-testid": "status" }, "connecting…");
const face = el("span.chat-face", {}, avatar("…", 4));
byId("chat-head").append(
  el("button.chat-who", { type: "button", "aria-haspopup": "dialog", onclick: showProfile }, face, el("span.chat-words", {}, title, status)),
);

function showProfile() {
  if (!current?.bot) return;
  screen.profile(current.bot, current.commands, {
    say: (text) => current.say(text),
    block: current.blocked ? null : () => current.block(true),
  });
}

// -- one person at a time -----------------------------------------------------------------------------------------------

const composer = new Composer({
  start: async () => {
    if (current.blocked) await current.block(false);
    await current.say("/start");
  },
  say: (text) => current.say(text),
  upload: (file, caption) => current.upload(file, caption),
  preview: (file, send) => screen.preview(file, send),
});
byId("composer-place").append(composer.root);

let announcing = 0;
function announce(text) {
  clearTimeout(announcing);
  announcing = setTimeout(() => setText(byId("announcer"), text), 500);
}

function conversationOf(person) {
  let found = conversations.get(person.id);
  if (!found) {
    found = new Conversation(person, screen, announce, () => found === current && refresh());
    conversations.set(person.id, found);
  }
  return found;
}

function show(person) {
  if (current?.person.id === person.id) return;
  if (current) {
    current.draft = composer.draft;
    screen.clear();
    current.close();
    current.chat.detach();
  }
  current = conversationOf(person);
  people.select(person.id);
  history.replaceState(null, "", `#${person.id}`);
  current.chat.attach(byId("chat-place"));
  composer.draft = current.draft;
  current.open();
  refresh();
}

/** Bring head, composer and the welcome of an empty chat in line with the current conversation. */
function refresh() {
  const { bot, chat, commands } = current;
  if (bot) {
    setText(title, bot.name);
    document.title = bot.name;
    if (face.dataset.name !== bot.name) {
      face.dataset.name = bot.name;
      face.replaceChildren(avatar(bot.name, 4));
    }
  }
  const { text, dots } = current.status;
  if (status.dataset.text !== text) {
    status.dataset.text = text;
    status.replaceChildren(text, ...(dots ? [el("span.dots", { "aria-hidden": "true" }, el("i"), el("i"), el("i"))] : []));
    status.classList.toggle("active", dots);
  }
  composer.show({ commands, empty: chat.empty, blocked: current.blocked });
  welcome(chat, bot);
}

function welcome(chat, bot) {
  const shown = chat.root.querySelector(".welcome");
  if (!chat.empty) shown?.remove();
  else if (bot) {
    const words = bot.description || "Press START to begin.";
    if (shown) setText(shown.querySelector("p"), words);
    else chat.root.append(el("div.welcome", { "data-testid": "welcome" }, el("strong", {}, "What can this bot do?"), el("p", { dir: "auto" }, words)));
  }
}

// -- the side panel, a drawer on narrow screens -------------------------------------------------------------------------

const provider = new Provider(byId("provider"));
const toggle = byId("panel-toggle");
toggle.append(icon("panel"));
let drawer = false;

function setDrawer(open) {
  drawer = open && NARROW.matches;
  byId("provider").classList.toggle("open", drawer);
  byId("provider").inert = NARROW.matches && !drawer;
  byId("drawer-back").hidden = !drawer;
  toggle.setAttribute("aria-expanded", String(drawer));
}

function closeDrawer() {
  if (!drawer) return;
  setDrawer(false);
  toggle.focus();
}

toggle.addEventListener("click", () => {
  setDrawer(!drawer);
  if (drawer) provider.close.focus();
});
provider.close.addEventListener("click", closeDrawer);
byId("drawer-back").addEventListener("click", closeDrawer);
byId("provider").addEventListener("keydown", (event) => event.key === "Escape" && closeDrawer());
NARROW.addEventListener("change", () => setDrawer(false));
setDrawer(false);

// -- start --------------------------------------------------------------------------------------------------------------

const people = new People(byId("people"), show);

function tick() {
  setText(byId("phone-clock"), clock(Date.now() / 1000));
  setTimeout(tick, 5_000);
}

async function start() {
  let everybody;
  try {
    everybody = await get("/sandbox/people");
  } catch {
    setTimeout(start, 1_500);
    return;
  }
  people.draw(everybody);
  const wanted = everybody.find((person) => String(person.id) === location.hash.slice(1));
  show(wanted || everybody[0]);
  people.watch();
  window.addEventListener("hashchange", () => {
    const named = everybody.find((person) => String(person.id) === location.hash.slice(1));
    if (named) show(named);
  });
}

themeButton(byId("theme"));
tick();
provider.start(() => people.forget());
start();
