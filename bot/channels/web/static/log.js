// The conversation on the page: every message once, in the order of its place, unsent ones last.

import { answerBubble, noticeBubble, ownBubble, showState } from "./bubble.js";
import { element } from "./dom.js";
import { fileButtons } from "./files.js";
import { currentLanguage, dayName, dayOf, page, say } from "./words.js";

export class Log {
  #list;
  #bySeq = new Map();
  #byId = new Map(); // the person's own messages, by client id
  #labels = new Map(); // what the button with this value said
  #choose;

  /**
   * @param list the element that holds the messages
   * @param choose takes (choice, button)
   */
  constructor(list, choose) {
    this.#list = list;
    this.#choose = choose;
    this.place = 0; // everything up to here is on the page
    const known = [...page.menu.en, page.person.en, ...page.menu.zh, page.person.zh];
    for (const choice of known) this.#labels.set(choice.value, choice.label);
  }

  /** Whether nothing was said yet. */
  get empty() {
    return this.#list.childElementCount === 0;
  }

  /**
   * Take a stored message, once. Returns its element when it is new to the page, else null.
   * @param inOrder nothing stored before it is missing on the page
   */
  add(post, { inOrder }) {
    if (inOrder || post.seq === this.place + 1) this.place = Math.max(this.place, post.seq);
    if (this.#bySeq.has(post.seq)) return null;
    const own = post.author === "citizen" && this.#byId.get(post.client_id);
    const item = own || element("li");
    this.#bySeq.set(post.seq, item);
    item.dataset.seq = post.seq;
    if (post.author === "citizen") this.#own(item, post);
    else answerBubble(item, post, this.#choose);
    for (const choice of post.choices ?? []) this.#labels.set(choice.value, choice.label);
    item.dataset.at = post.at;
    this.#place(item);
    return own ? null : item;
  }

  /** Show a message that is on its way. */
  addPending({ id, text, at }) {
    if (this.#byId.has(id)) return;
    const item = element("li", { data: { at } });
    this.#byId.set(id, item);
    ownBubble(item, { label: text, at });
    this.#place(item);
  }

  /** Show how far a message is. */
  mark(message, state, retry) {
    const item = this.#byId.get(message.id);
    if (item && !item.dataset.seq) showState(item, state, { at: message.at, retry });
  }

  /** Show words of the page itself; the same words only once in a row. */
  notice(text) {
    const last = this.#list.lastElementChild;
    if (last?.dataset.notice === text) return null;
    const item = element("li", { data: { notice: text, at: new Date().toISOString() } });
    noticeBubble(item, text);
    this.#place(item);
    return item;
  }

  /** Take the page's own words away again. */
  forgetNotices() {
    for (const item of this.#list.querySelectorAll(".notice")) item.remove();
  }

  /** Forget everything. */
  reset() {
    this.#list.replaceChildren();
    this.#bySeq.clear();
    this.#byId.clear();
    this.place = 0;
  }

  #own(item, post) {
    if (item.childElementCount) {
      showState(item, "sent", { at: post.at });
      if (post.files?.length) item.querySelector(".bubble").replaceChildren(...fileButtons(post.files));
    } else ownBubble(item, { label: this.#said(post.text), at: post.at, files: post.files });
    if (post.client_id) this.#byId.set(post.client_id, item);
  }

  /** A button's value is for the server; the person pressed words. */
  #said(text) {
    const label = this.#labels.get(text);
    if (label) return label;
    return /^(entry|stage|rate):/.test(text) ? say("topic") : text;
  }

  #place(item) {
    const seq = Number(item.dataset.seq ?? Infinity);
    let before = this.#list.lastElementChild;
    while (before && (before === item || Number(before.dataset.seq ?? Infinity) > seq))
      before = before.previousElementSibling;
    if (before) before.after(item);
    else this.#list.prepend(item);
    this.#markPast();
    this.#nameDay(item);
    if (item.nextElementSibling) this.#nameDay(item.nextElementSibling);
  }

  /** Only the newest answer's buttons stand out. */
  #markPast() {
    const answers = [...this.#list.children].filter((each) => each.querySelector(".choices"));
    const last = this.#list.lastElementChild;
    for (const each of answers) each.classList.toggle("past", each !== last);
  }

  #nameDay(item) {
    const day = dayOf(new Date(item.dataset.at));
    const before = item.previousElementSibling;
    const isNew = !before || dayOf(new Date(before.dataset.at)) !== day;
    const shown = item.querySelector(".day");
    if (isNew && !shown)
      item.prepend(
        element(
          "p",
          { class: "day", lang: currentLanguage() === "zh" ? "zh-CN" : "en" },
          dayName(new Date(item.dataset.at)),
        ),
      );
    if (!isNew) shown?.remove();
  }
}
