// What can be done with one answer: say whether it helped, copy it, print it.

import * as api from "./api.js";
import { element, icon, speak } from "./dom.js";
import { cited } from "./sources.js";
import { page, say, spoken } from "./words.js";

/**
 * The row of buttons below an answer.
 * @param post the answer
 * @param item its element, which print shows alone
 * @param choose takes (choice, button) of what the reply to 👎 offers
 */
export function actionRow(post, item, choose) {
  const thanks = element("div", { class: "thanks", role: "status" });
  const rating = ["up", "down"].map((rated) =>
    button(rated === "up" ? "helpful" : "unhelpful", rated, (event) =>
      rate(post, rated, event.currentTarget, thanks, choose),
    ),
  );
  rating.forEach((each) => each.setAttribute("aria-pressed", "false"));
  const row = element(
    "div",
    { class: "actions", role: "group", "aria-label": say("actions"), data: { tLabel: "actions" } },
    rating,
    button("copy", "copy", () => copy(post)),
    button("print", "print", () => print(item)),
  );
  return [row, thanks];
}

function button(word, symbol, act) {
  return element(
    "button",
    { type: "button", class: "action", onclick: act },
    icon(symbol),
    spoken("span", word),
  );
}

async function rate(post, rated, pressed, thanks, choose) {
  try {
    const reply = await api.post("/chat/feedback", { seq: post.seq, rating: rated });
    for (const each of pressed.parentElement.querySelectorAll("[aria-pressed]"))
      each.setAttribute("aria-pressed", String(each === pressed));
    const offers = reply.choices.map((choice) =>
      element(
        "button",
        { type: "button", class: "choice", onclick: (event) => choose(choice, event.currentTarget) },
        choice.label,
      ),
    );
    thanks.replaceChildren(element("span", {}, reply.text), ...offers);
  } catch {
    thanks.replaceChildren(spoken("span", "rate_failed"));
  }
}

/** The answer as text to keep: words, ground, who said it. */
function kept(post) {
  const sources = post.sources.map(
    (source) => `· ${cited(source)} ${say("reviewed", { date: source.reviewed_on })}`,
  );
  const ground = sources.length ? [`${say("sources")}`, ...sources] : [];
  return [post.text, ...ground, `— ${page.words[page.language].title}`].join("\n");
}

async function copy(post) {
  const text = kept(post);
  try {
    if (navigator.clipboard) await navigator.clipboard.writeText(text);
    else copyOldWay(text);
    flash("copied");
  } catch {
    flash("copy_failed");
  }
}

/** Without https there is no clipboard API. */
function copyOldWay(text) {
  const area = element("textarea", { class: "hidden", value: text, "aria-hidden": "true" });
  document.body.append(area);
  area.select();
  const done = document.execCommand("copy");
  area.remove();
  if (!done) throw new Error("refused");
}

function flash(word) {
  const toast = document.getElementById("toast");
  toast.textContent = say(word);
  toast.hidden = false;
  speak(say(word));
  clearTimeout(flash.timer);
  flash.timer = setTimeout(() => (toast.hidden = true), 2_000);
}

function print(item) {
  item.classList.add("printed");
  document.documentElement.classList.add("one-answer");
  window.print();
  document.documentElement.classList.remove("one-answer");
  item.classList.remove("printed");
}
