/** What may lie over the chat: alerts, questions, the photo viewer, the checkout, the preview of an upload, the bot's page. */

import { avatar, clock, el, fileSize, icon, price } from "./dom.js";
import { Toasts } from "./toasts.js";

export class Screen {
  /** @param root the phone's screen; everything in it but the overlays rests while a dialog is open */
  constructor(root) {
    this.root = root;
    this.layer = el("div.overlays");
    root.append(this.layer);
    this.toasts = new Toasts(root, "toast");
    this.open = []; // what closes the open dialogs, topmost last
  }

  toast(text, sign) {
    this.toasts.say(text, sign);
  }

  copy(text) {
    this.toasts.copy(text);
  }

  /** Close whatever is open: another person takes the phone. */
  clear() {
    [...this.open].reverse().forEach(({ close }) => close());
  }

  alert(text) {
    const close = this.dialog("alertdialog", "Message", [
      el("p.dialog-text", { dir: "auto" }, text),
      el("div.dialog-buttons", {}, el("button.dialog-button", { type: "button", "data-testid": "alert-ok", onclick: () => close() }, "OK")),
    ]);
  }

  confirm(text, word, act) {
    const agreed = () => {
      close();
      act();
    };
    const close = this.dialog("dialog", "Question", [
      el("p.dialog-text", { dir: "auto" }, text),
      el(
        "div.dialog-buttons",
        {},
        el("button.dialog-button", { type: "button", onclick: () => close() }, "Cancel"),
        el("button.dialog-button", { type: "button", onclick: agreed }, word),
      ),
    ]);
  }

  /** The photo of a message, as large as the phone. */
  photo(message) {
    const caption = message.text;
    const close = this.dialog(
      "dialog",
      "Photo",
      [
        el(
          "div.viewer-bar",
          {},
          el("button.round", { type: "button", "aria-label": "Close", onclick: () => close() }, icon("close")),
          el("span.viewer-time", {}, clock(message.date)),
          el("a.round", { href: message.photo.url, download: true, "aria-label": "Download" }, icon("download")),
        ),
        el("div.viewer-stage", { onclick: () => close() }, el("img", { src: message.photo.url, alt: caption || "Photo" })),
        caption ? el("p.viewer-caption", { dir: "auto" }, caption) : null,
      ],
      "viewer",
    );
  }

  /** The sheet that pays an invoice; `pay()` resolves when paid and throws a sentence when not. */
  checkout(invoice, seller, pay) {
    const amount = price(invoice.total, invoice.currency);
    const problem = el("p.sheet-problem", { role: "alert" });
    const button = el("button.big", { type: "button", "data-testid": "pay-confirm" }, `Confirm and pay ${amount}`);
    const close = this.dialog(
      "dialog",
      "Checkout",
      [
        sheetTitle("Checkout", () => close()),
        el("div.checkout", {}, el("strong", { dir: "auto" }, invoice.title), el("p", { dir: "auto" }, invoice.description)),
        el("dl.checkout-lines", {}, el("dt", {}, "Seller"), el("dd", { dir: "auto" }, seller), el("dt", {}, "Total"), el("dd", {}, amount)),
        el("p.sheet-note", {}, "A simulated payment: no money moves outside the sandbox."),
        problem,
        button,
      ],
      "sheet",
    );
    button.addEventListener("click", async () => {
      button.disabled = true;
      button.classList.add("busy");
      problem.textContent = "";
      try {
        await pay();
        close();
        this.toast(`Paid ${amount}`, "check");
      } catch (error) {
        problem.textContent = error.message;
      } finally {
        button.disabled = false;
        button.classList.remove("busy");
      }
    });
  }

  /** Look at a file before it is sent; `send(caption)` resolves to true when it went. */
  preview(file, send) {
    const picture = file.type.startsWith("image/") ? URL.createObjectURL(file) : null;
    const caption = el("input.caption", { type: "text", placeholder: "Add a caption…", "aria-label": "Caption", dir: "auto", "data-testid": "upload-caption" });
    const button = el("button.big", { type: "submit", "data-testid": "upload-send" }, "Send");
    const form = el("form.preview", {}, caption, button);
    const close = this.dialog(
      "dialog",
      "Send a file",
      [
        sheetTitle(picture ? "Send a photo" : "Send a file", () => close()),
        picture
          ? el("img.preview-picture", { src: picture, alt: file.name })
          : el("div.document", {}, el("span.document-icon", {}, icon("file")), el("span.document-words", {}, el("span.document-name", { dir: "auto" }, file.name), el("span.document-size", {}, fileSize(file.size)))),
        form,
      ],
      "sheet",
      () => picture && URL.revokeObjectURL(picture),
    );
    form.addEventListener("submit", async (event) => {
      event.preventDefault();
      button.disabled = true;
      const sent = await send(caption.value.trim());
      button.disabled = false;
      if (sent) close();
    });
  }

  /** The bot's own page: who it is, what it can do, and blocking it (`block` is null where it is blocked). */
  profile(bot, commands, { say, block }) {
    const then = (act) => () => {
      close();
      act();
    };
    const close = this.dialog(
      "dialog",
      bot.name,
      [
        sheetTitle("Info", () => close()),
        el("div.profile", {}, avatar(bot.name, 4), el("strong", { dir: "auto" }, bot.name), el("span", {}, "bot")),
        el("dl.profile-lines", {}, el("dt", {}, "About"), el("dd", { dir: "auto" }, bot.description || "—"), el("dt", {}, "Username"), el("dd", {}, `@${bot.username}`)),
        el("ul.profile-commands", {}, ...commands.map((one) => el("li", {}, el("button", { type: "button", onclick: then(() => say(`/${one.command}`)) }, el("b", {}, `/${one.command}`), el("span", { dir: "auto" }, one.description))))),
        block ? el("button.profile-block", { type: "button", "data-testid": "block", onclick: then(block) }, "Stop and block bot") : null,
      ],
      "sheet",
    );
  }

  /** Open a dialog over the chat and give back what closes it. Escape and a tap beside it close it too. */
  dialog(role, label, children, kind = "card", closed = () => {}) {
    const before = document.activeElement;
    const box = el(`div.dialog.${kind}`, { role, "aria-modal": "true", "aria-label": label, "data-testid": `dialog-${kind}`, tabindex: "-1" }, ...children);
    const back = el("div.backdrop", { onclick: (event) => event.target === back && close() }, box);
    const close = () => {
      const place = this.open.findIndex((one) => one.back === back);
      if (place < 0) return;
      this.open.splice(place, 1);
      back.remove();
      this.rest();
      closed();
      const next = before?.isConnected && this.root.contains(before) ? before : this.root.querySelector(".chat");
      next?.focus({ preventScroll: true });
    };
    back.addEventListener("keydown", (event) => {
      if (event.key !== "Escape") return;
      event.stopPropagation();
      close();
    });
    this.open.push({ back, close });
    this.layer.append(back);
    this.rest();
    (box.querySelector(".dialog-button:last-child, input, .big") || box).focus({ preventScroll: true });
    return close;
  }

  /** Only the topmost dialog is alive. */
  rest() {
    for (const part of this.root.children) {
      if (part !== this.layer && part !== this.toasts.place) part.inert = this.open.length > 0;
    }
    this.open.forEach(({ back }, index) => {
      back.inert = index < this.open.length - 1;
    });
  }
}

function sheetTitle(text, close) {
  return el("div.sheet-title", {}, el("h2", {}, text), el("button.round", { type: "button", "aria-label": "Close", onclick: close }, icon("close")));
}
