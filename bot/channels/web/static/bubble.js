// One message as the person sees it.

import { actionRow } from "./actions.js";
import { myData, paper } from "./api.js";
import { element, icon } from "./dom.js";
import { fileButtons } from "./files.js";
import { sourceList } from "./sources.js";
import { layOut, phonesIn } from "./text.js";
import { clockTime, say, spoken } from "./words.js";

const MANY_CHOICES = 3;
const MOST_CALLS = 2;
const FILE_MARK = "［附件］";
const KEPT_MS = 60_000; // a browser may ask where to save before it reads
const LANGUAGE = { zh: "zh-CN", en: "en" };

/** A message of the bot, of staff or of the system. `choose` takes (choice, button). */
export function answerBubble(item, post, choose) {
  const kind = post.turn?.kind;
  const warning = weight(post);
  const isAnswer = post.sources.length > 0 || kind === "answer";
  item.className = `post ${post.author}${warning ? ` ${warning}` : ""}`;
  item.append(
    byline(post),
    element(
      "div",
      { class: "bubble", lang: LANGUAGE[post.turn?.language] ?? "" },
      warning ? withCalls(post.text) : words(post, { leads: isAnswer }),
    ),
    ...present(sourceList(post.sources)),
    ...present(choiceRow(post.choices, choose)),
    ...present(post.download ? downloadRow() : null),
    ...present(paperRow(post.papers)),
    ...(post.author === "bot" && isAnswer ? actionRow(post, item, choose) : []),
  );
}

/** What a message says, and its files; the text of one that is nothing but files only names them. */
function words(post, { leads }) {
  const files = post.files ?? [];
  const text = files.length && post.text.startsWith(FILE_MARK) ? [] : layOut(post.text, { leads });
  return [...text, ...fileButtons(files)];
}

/** How much an answer must stand out: it names numbers to call, now or in case. */
function weight({ author, text, turn }) {
  if (author !== "bot" || !turn || !phonesIn(text).length) return null;
  if (turn.urgent || turn.kind === "emergency") return "urgent";
  return turn.kind === "alert" ? "alert" : null;
}

/** A message of the person. `label` is what its button said, where it was a button. */
export function ownBubble(item, { label, at, files = [] }) {
  item.className = "post citizen";
  item.append(
    spoken("span", "you", { class: "hidden" }),
    element("div", { class: "bubble" }, files.length ? fileButtons(files) : label),
    element("p", { class: "state" }, element("time", { dateTime: at }, clockTime(new Date(at)))),
  );
}

/** Something the page itself has to say, for example that messages come too fast. */
export function noticeBubble(item, text) {
  item.className = "post notice";
  item.append(
    spoken("span", "notice", { class: "hidden" }),
    element("div", { class: "bubble" }, layOut(text)),
  );
}

/** How far a message of the person is: waiting, sending, slowed, failed, or sent. */
export function showState(item, state, { at, retry }) {
  item.classList.toggle("waiting", state === "waiting" || state === "slowed");
  item.classList.toggle("failed", state === "failed");
  const line = item.querySelector(".state");
  const time = element("time", { dateTime: at }, clockTime(new Date(at)));
  if (state === "sent") return line.replaceChildren(time);
  const word = { waiting: "queued", sending: "sending", slowed: "slowed", failed: "failed" }[state];
  const again =
    state === "failed" ? spoken("button", "retry", { type: "button", class: "link", onclick: retry }) : null;
  line.replaceChildren(spoken("span", word, state === "failed" ? { role: "alert" } : {}), ...present(again));
  return undefined;
}

function byline(post) {
  const staff = post.author === "staff";
  const mark = staff
    ? element("span", { class: "staff-mark", "aria-hidden": "true" }, icon("person"))
    : element("img", { class: "avatar", src: document.querySelector(".seal").src, alt: "" });
  return element(
    "p",
    { class: "byline" },
    mark,
    spoken("b", staff ? "staff" : "name"),
    element("time", { dateTime: post.at }, clockTime(new Date(post.at))),
  );
}

/** An emergency answer: behind its first line the numbers it names, as buttons that are hard to miss. */
function withCalls(text) {
  const [first, ...others] = layOut(text);
  const links = phonesIn(text)
    .slice(0, MOST_CALLS)
    .map((number) =>
      element("a", { class: "call", href: `tel:${number}` }, icon("phone"), say("call", { number })),
    );
  const calls = links.length ? [element("div", { class: "calls" }, links)] : [];
  return [first, ...calls, ...others];
}

/** The button that saves the person's own data. */
function downloadRow() {
  return savingRow([{ fetch: myData, name: "anwen-my-data.json", word: "download" }]);
}

/** A button for each document that was made. */
function paperRow(papers) {
  if (!papers?.length) return null;
  return savingRow(
    papers.map(({ title, path }) => ({ fetch: () => paper(path), name: `${title}.docx`, label: title })),
  );
}

function savingRow(files) {
  const buttons = files.map((file) => {
    const attributes = { type: "button", class: "choice", onclick: (event) => save(event.currentTarget, file) };
    return file.word
      ? spoken("button", file.word, attributes)
      : element("button", attributes, `⬇ ${file.label}`);
  });
  return element("div", { class: "choices" }, buttons);
}

async function save(button, { fetch, name }) {
  button.disabled = true;
  try {
    const url = URL.createObjectURL(await fetch());
    element("a", { href: url, download: name }).click();
    setTimeout(() => URL.revokeObjectURL(url), KEPT_MS);
  } catch {
    button.after(spoken("span", "failed", { class: "state", role: "alert" }));
  } finally {
    button.disabled = false;
  }
}

function choiceRow(choices, choose) {
  if (!choices.length) return null;
  const buttons = choices.map((choice) =>
    element(
      "button",
      { type: "button", class: "choice", onclick: (event) => choose(choice, event.currentTarget) },
      choice.label,
    ),
  );
  return element(
    "div",
    {
      class: choices.length > MANY_CHOICES ? "choices many" : "choices",
      role: "group",
      "aria-label": say("choices"),
      data: { tLabel: "choices" },
    },
    buttons,
  );
}

const present = (node) => (node ? [node].flat() : []);
