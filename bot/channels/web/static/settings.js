// The buttons of the header: language, large text, clear, minimise.

import * as api from "./api.js";
import { byId, speak } from "./dom.js";
import { recall, remember } from "./storage.js";
import { layOut } from "./text.js";
import { currentLanguage, onLanguage, page, say, useLanguage } from "./words.js";

const A_YEAR_S = 31_536_000;

/** Set the buttons up. `onSwitch` takes what tells the bot the language; `onCleared` runs after clearing. */
export function setUp({ onSwitch, onCleared }) {
  greet();
  largeText();
  language(onSwitch);
  clearing(onCleared);
}

function largeText() {
  const button = byId("larger");
  const show = (large) => {
    document.documentElement.classList.toggle("large", large);
    button.setAttribute("aria-pressed", String(large));
  };
  show(recall("large", false));
  button.addEventListener("click", () => {
    const large = button.getAttribute("aria-pressed") !== "true";
    remember("large", large);
    show(large);
  });
}

function language(onSwitch) {
  onLanguage((chosen) => {
    byId("language").lang = chosen === "zh" ? "en" : "zh-CN";
    greet();
    byId("person-label").textContent = page.person[chosen].label;
    document.querySelectorAll(".topic").forEach((button, place) => {
      button.textContent = page.menu[chosen][place].label;
    });
  });
  byId("language").addEventListener("click", () => {
    const message = say("language_message");
    useLanguage(currentLanguage() === "zh" ? "en" : "zh");
    if (page.mode === "full")
      document.cookie = `anwen_language=${currentLanguage()};path=/chat;max-age=${A_YEAR_S};samesite=lax`;
    onSwitch(message);
  });
}

function greet() {
  byId("greeting").replaceChildren(...layOut(page.greeting[currentLanguage()]));
}

function clearing(onCleared) {
  const dialog = byId("clear-dialog");
  byId("clear").addEventListener("click", () => {
    byId("clear-error").hidden = true;
    dialog.showModal();
  });
  byId("clear-no").addEventListener("click", () => dialog.close());
  byId("clear-yes").addEventListener("click", async () => {
    try {
      await api.clear();
    } catch {
      byId("clear-error").hidden = false;
      return;
    }
    dialog.close();
    onCleared();
    speak(say("cleared"));
  });
}
