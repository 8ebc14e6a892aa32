// The ground of an answer: 《法》第X条, and when it was last reviewed.

import { element, icon } from "./dom.js";
import { currentLanguage, longDate, say, spoken } from "./words.js";

const SHOWN = 3;

/** The sources as they are read: 《title》article, or publisher and 《document》. */
export function cited({ title, article }) {
  const colon = title.indexOf("：");
  if (colon > 0 && !article) return `${title.slice(0, colon)}《${bare(title.slice(colon + 1))}》`;
  return `《${bare(title)}》${article ?? ""}`;
}

const bare = (title) => title.replace(/^《(.*)》$/, "$1");

/** The list of sources below an answer, or null when there are none. */
export function sourceList(sources) {
  if (!sources.length) return null;
  const dates = [...new Set(sources.map((source) => source.reviewed_on))];
  const oneDate = dates.length === 1;
  const items = sources.map((source) => element("li", {}, line(source), oneDate ? null : reviewed(source)));
  const head = element(
    "p",
    { class: "sources-head" },
    icon("book"),
    spoken("b", "sources"),
    oneDate ? reviewed(sources[0]) : null,
  );
  return element("div", { class: "sources" }, head, shown(items));
}

function shown(items) {
  if (items.length <= SHOWN + 1) return element("ul", {}, items);
  const summary = element("summary", {}, say("more_sources", { count: items.length }));
  return [
    element("ul", {}, items.slice(0, SHOWN)),
    element("details", {}, summary, element("ul", {}, items.slice(SHOWN))),
  ];
}

function line(source) {
  const text = cited(source);
  if (!source.url || !/^https?:\/\//.test(source.url)) return text;
  return element("a", { href: source.url, target: "_blank", rel: "noopener noreferrer" }, text);
}

function reviewed(source) {
  const gap = currentLanguage() === "zh" ? "" : " ";
  const date = longDate(source.reviewed_on);
  return element("span", { class: "reviewed" }, `${gap}· ${say("reviewed", { date })}`);
}
