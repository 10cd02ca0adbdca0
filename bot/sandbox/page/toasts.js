/** Short dark notes that fade by themselves, and copying, which ends in one. */

import { el, icon } from "./dom.js";

const LASTS = 3_200;

export class Toasts {
  /** @param root the positioned element the notes lie over */
  constructor(root, testid) {
    this.place = el("div.toasts", { role: "status", "aria-live": "polite", "data-testid": testid });
    this.fading = 0;
    root.append(this.place);
  }

  say(text, sign = null) {
    const note = el("div.toast", {}, sign ? icon(sign) : null, el("span", { dir: "auto" }, text));
    this.place.replaceChildren(note);
    clearTimeout(this.fading);
    this.fading = setTimeout(() => note.remove(), LASTS);
  }

  async copy(text) {
    try {
      await navigator.clipboard.writeText(text);
    } catch {
      copyByHand(text); // the clipboard is closed to pages served over plain HTTP from another machine
    }
    this.say("Copied to clipboard", "copy");
  }
}

function copyByHand(text) {
  const focused = document.activeElement;
  const field = el("textarea.offscreen", { readonly: true, "aria-hidden": "true" });
  field.value = text;
  document.body.append(field);
  field.select();
  document.execCommand("copy");
  field.remove();
  focused?.focus({ preventScroll: true });
}
