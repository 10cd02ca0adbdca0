/** Light, dark or as the system says; remembered in this browser. */

import { icon } from "./dom.js";

const ORDER = ["auto", "light", "dark"];
const WORDS = { auto: "Theme: as the system", light: "Theme: light", dark: "Theme: dark" };

function remembered() {
  try {
    const theme = localStorage.getItem("sandbox-theme");
    return ORDER.includes(theme) ? theme : "auto";
  } catch {
    return "auto"; // storage may be forbidden; the page works without
  }
}

function apply(theme) {
  if (theme === "auto") delete document.documentElement.dataset.theme;
  else document.documentElement.dataset.theme = theme;
}

apply(remembered());

/** Make a button walk through the three themes. */
export function themeButton(button) {
  let theme = remembered();
  const show = () => {
    button.replaceChildren(icon(theme));
    button.setAttribute("aria-label", WORDS[theme]);
    button.title = WORDS[theme];
    apply(theme);
  };
  button.addEventListener("click", () => {
    theme = ORDER[(ORDER.indexOf(theme) + 1) % ORDER.length];
    try {
      localStorage.setItem("sandbox-theme", theme);
    } catch {
      // not remembered, still applied
    }
    show();
  });
  show();
}
