// The page's data and its words. An element names its word in data-t (text), data-t-label or data-t-placeholder,
// so that changing the language changes the whole page, also what was said before.

import { byId, element } from "./dom.js";

export const page = JSON.parse(byId("page").textContent);

let language = page.language;
const listeners = [];

export const currentLanguage = () => language;

/** The word `key` in the current language, its {placeholders} filled. */
export function say(key, values = {}) {
  return page.words[language][key].replace(/\{(\w+)\}/g, (_, name) => values[name]);
}

/** A text element that follows the language. */
export const spoken = (tag, key, properties = {}) =>
  element(tag, { ...properties, textContent: say(key), data: { ...properties.data, t: key } });

/** Call `listener` after each change of the language. */
export const onLanguage = (listener) => listeners.push(listener);

/** Change the language of the page. */
export function useLanguage(chosen) {
  language = chosen;
  document.documentElement.lang = chosen === "zh" ? "zh-CN" : "en";
  document.title = say("title");
  for (const item of document.querySelectorAll("[data-t]")) item.textContent = say(item.dataset.t);
  for (const item of document.querySelectorAll("[data-t-label]"))
    item.setAttribute("aria-label", say(item.dataset.tLabel));
  for (const item of document.querySelectorAll("[data-t-placeholder]"))
    item.placeholder = say(item.dataset.tPlaceholder);
  listeners.forEach((listener) => listener(chosen));
}

const zone = { timeZone: page.timezone };
const dayKey = (date) => date.toLocaleDateString("sv", zone); // 2026-11-23

/** The day of `date` as people say it. */
export function dayName(date) {
  const today = new Date();
  if (dayKey(date) === dayKey(today)) return say("today");
  if (dayKey(date) === dayKey(new Date(today - 86_400_000))) return say("yesterday");
  return date.toLocaleDateString(locale(), { ...zone, month: "long", day: "numeric", weekday: "short" });
}

/** A key that is the same all day. */
export const dayOf = dayKey;

/** The time of `date`, 14:03. */
export const clockTime = (date) =>
  date.toLocaleTimeString(locale(), { ...zone, hour: "2-digit", minute: "2-digit", hour12: false });

/** A calendar date (2026-11-23) in words. */
export function longDate(iso) {
  const [year, month, day] = iso.split("-").map(Number);
  return new Date(year, month - 1, day).toLocaleDateString(locale(), {
    year: "numeric",
    month: "long",
    day: "numeric",
  });
}

const locale = () => (language === "zh" ? "zh-CN" : "en-GB");
