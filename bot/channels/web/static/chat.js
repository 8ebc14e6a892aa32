// The chat page: joins what the person writes (outbox), what the server tells (live) and what is seen (log).

import * as api from "./api.js";
import { Composer } from "./composer.js";
import { byId } from "./dom.js";
import * as embed from "./embed.js";
import * as files from "./files.js";
import { Live } from "./live.js";
import { Log } from "./log.js";
import { MOST_WAITING, newId, Outbox } from "./outbox.js";
import { setUp } from "./settings.js";
import * as view from "./view.js";
import { linked } from "./text.js";
import { heard } from "./unread.js";
import { onLanguage, page, say } from "./words.js";

const TYPING_AFTER_MS = 400;

let conversation = null; // the server's name of this chat
let reachable = true;
let beginnings = 0;
let typingTimer = 0;

const log = new Log(byId("posts"), (choice, button) => {
  button?.classList.add("picked");
  send({ text: choice.label, choice: choice.value });
});

const outbox = new Outbox({
  keeps: page.mode === "full",
  onState: (item, state) => {
    const held = state === "waiting" ? outbox.items.filter((each) => !each.failed) : [item];
    for (const each of held) log.mark(each, state, () => outbox.retry(each));
    showTyping(state === "sending");
  },
  onSent: (item, answer) => {
    showTyping(false);
    log.forgetNotices();
    log.add(
      { seq: answer.message.seq, author: "citizen", client_id: item.id, text: item.text, at: item.at },
      { inOrder: false },
    );
    take(answer.conversation, answer.replies, { inOrder: false });
    live.start();
  },
  onWords: (text) => {
    showTyping(false);
    if (log.notice(text)) view.toEnd();
  },
  onReachable: showReachable,
});

const live = new Live({
  place: () => log.place,
  onPosts: (name, posts) => take(name, posts, { inOrder: true }),
  onCleared: begin,
  onReachable: showReachable,
});

const composer = new Composer({
  onSend: (text) => send({ text }),
  mayWrite: () => (outbox.full ? say("waiting_room", { count: MOST_WAITING }) : null),
});

/** Files go beside the outbox: they do not fit into what a browser keeps. */
async function sendFile(file, item = { id: newId(), text: `［附件］${file.name}`, at: new Date().toISOString() }) {
  hideWelcome();
  log.addPending(item);
  log.mark(item, "sending");
  view.toEnd();
  try {
    const answer = await api.upload(file, item.id);
    log.forgetNotices();
    log.add({ ...answer.message, at: item.at }, { inOrder: false });
    take(answer.conversation, answer.replies, { inOrder: false });
    live.start();
  } catch (error) {
    if (error instanceof api.Refused && error.message && log.notice(error.message)) view.toEnd();
    log.mark(item, "failed", () => sendFile(file, item));
  }
}

function send({ text, choice = null }) {
  if (outbox.full) return;
  const item = outbox.add({ text, choice });
  hideWelcome();
  log.addPending(item);
  log.mark(item, reachable ? "slowed" : "waiting");
  view.toEnd();
  outbox.run();
}

/** Show what was stored. A chat of another name is another chat: what is shown of the old one goes. */
function take(name, posts, { inOrder }) {
  if (name !== conversation) {
    if (conversation !== null) return begin();
    conversation = name;
  }
  const following = view.atEnd();
  const added = posts.map((post) => log.add(post, { inOrder })).filter(Boolean);
  for (const post of posts) if (post.author === "citizen") outbox.arrived(post.client_id);
  if (!added.length) return undefined;
  hideWelcome();
  if (following) view.showFrom(questionBefore(added[0]));
  else view.offerNewest();
  added.forEach(heard);
  return undefined;
}

/** The person's message an answer belongs to, so that both are in sight. */
function questionBefore(item) {
  const before = item.previousElementSibling;
  return before?.classList.contains("citizen") ? before : item;
}

/** Load the chat as the server has it, from the beginning. */
async function begin() {
  const mine = ++beginnings;
  live.stop();
  conversation = null;
  log.reset();
  byId("log").setAttribute("aria-live", "off"); // old words are not read out
  try {
    for (let more = true; more;) {
      const found = await api.history(log.place);
      if (mine !== beginnings) return;
      conversation = found.conversation;
      found.posts.forEach((post) => log.add(post, { inOrder: true }));
      more = found.more;
    }
    showReachable(true);
  } catch {
    if (mine !== beginnings) return;
    showReachable(false); // the stream brings it when it works again
    live.start();
  }
  for (const item of outbox.items) restore(item);
  showWelcome();
  if (!log.empty) view.toEnd();
  byId("log").setAttribute("aria-live", "polite");
  if (!log.empty) live.start();
  outbox.run();
}

function restore(item) {
  log.addPending(item);
  log.mark(item, item.failed ? "failed" : "slowed", () => outbox.retry(item));
}

function showWelcome() {
  byId("welcome").classList.toggle("used", !log.empty);
}

function hideWelcome() {
  byId("welcome").classList.add("used");
}

/** An answer usually comes at once: the sign of waiting appears only when it does not. */
function showTyping(typing) {
  clearTimeout(typingTimer);
  byId("typing").hidden = true;
  if (!typing) return;
  typingTimer = setTimeout(() => {
    const following = view.atEnd();
    byId("typing").hidden = false;
    if (following) view.toEnd();
  }, TYPING_AFTER_MS);
}

function showReachable(works) {
  reachable = works;
  const banner = byId("banner");
  // Whether the server answers decides: on an office machine without any network the page works all the same.
  const text = works ? "" : say(navigator.onLine === false ? "offline" : "unreachable");
  if (banner.textContent === text) return;
  banner.replaceChildren(...linked(text));
  banner.hidden = !text;
}

/** There is reason to believe that the network is back. */
function kick() {
  showReachable(reachable || navigator.onLine);
  live.kick();
  outbox.kick();
}

files.setUp(byId("attach"), byId("file"), {
  onChosen: (file) => sendFile(file),
  onWords: (text) => log.notice(text) && view.toEnd(),
});
setUp({
  onSwitch: (message) => send({ text: message }),
  onCleared: () => {
    outbox.clear();
    begin();
    composer.focus();
  },
});
onLanguage(() => showReachable(reachable));
document
  .querySelectorAll(".topic")
  .forEach((button) => button.addEventListener("click", () => send({ text: button.textContent })));
byId("person").addEventListener("click", () => send({ text: byId("person-label").textContent }));
byId("minimize")?.addEventListener("click", embed.close);
document.addEventListener("keydown", (event) => {
  if (event.key === "Escape" && embed.isFramed && !byId("clear-dialog").open) embed.close();
});
window.addEventListener("online", kick);
window.addEventListener("offline", () => {
  showReachable(false);
  api.history(log.place).then(() => showReachable(true), () => {});
});
window.addEventListener("pageshow", (event) => event.persisted && begin());
document.addEventListener("visibilitychange", () => document.hidden || kick());
embed.listen({ onOpen: () => composer.focus() });
view.fitHeight();
begin();
