// What every page of the studio has: its words in the reader's language, light or dark, and the menu on a phone.

import { $ } from "./elements.js";
import { recall, remember } from "./store.js";
import { language, say, switchLanguage } from "./words.js";

const THEMES = ["system", "light", "dark"];

/** Puts the words in, everywhere they are asked for by `data-text` and `data-label`. */
function showWords() {
  document.documentElement.lang = language() === "zh" ? "zh-CN" : "en";
  for (const element of document.querySelectorAll("[data-text]")) element.textContent = say(element.dataset.text);
  for (const element of document.querySelectorAll("[data-label]")) {
    element.setAttribute("aria-label", say(element.dataset.label));
    if (element.tagName === "BUTTON") element.title = say(element.dataset.label);
  }
  showTheme();
}

const chosen = () => Math.max(0, THEMES.indexOf(recall("theme", THEMES[0])));

function showTheme() {
  const theme = THEMES[chosen()];
  document.documentElement.dataset.theme = theme;
  $("theme").textContent = say(`theme_${theme}`);
  $("theme").title = say("switch_theme");
  $("theme").setAttribute("aria-label", `${say("switch_theme")}: ${say(`theme_${theme}`)}`);
}

export function closeMenu() {
  if (!$("side").classList.contains("shown")) return;
  $("side").classList.remove("shown");
  $("menu").setAttribute("aria-expanded", "false");
}

/** What went wrong, in the line for it; on the pages that have no field for a key, where there is one. */
export function complain(error) {
  $("status").textContent = error.status === 401 ? say("key_wanted_there") : error.message;
}

/** `show` draws what only this page has, now and whenever the language changes. */
export function showFrame(show) {
  for (const link of document.querySelectorAll("#pages a")) {
    if (link.pathname === location.pathname) link.setAttribute("aria-current", "page");
  }
  const showAll = () => {
    showWords();
    show();
  };
  $("language").addEventListener("click", () => {
    switchLanguage();
    showAll();
  });
  $("theme").addEventListener("click", () => {
    remember("theme", THEMES[(chosen() + 1) % THEMES.length]);
    showTheme();
  });
  $("menu").addEventListener("click", (event) => {
    event.stopPropagation();
    $("side").classList.add("shown");
    $("menu").setAttribute("aria-expanded", "true");
    $("side").querySelector("a").focus();
  });
  document.querySelector("main").addEventListener("click", closeMenu);
  document.addEventListener("keydown", (event) => {
    if (event.key !== "Escape" || !$("side").classList.contains("shown")) return;
    closeMenu();
    $("menu").focus();
  });
  showAll();
}
