// The page of one ticket: writing, drafts, presence, and the guard against answering what a colleague answered.

import * as attach from "./attach.js";
import { onFresh, refresh } from "./live.js";
import { Refused, send, speak, words } from "./page.js";

const ticket = document.querySelector("[data-ticket]");
const box = document.getElementById("thread-box");
const NEAR_END = 80;
const TYPING_EVERY_MS = 3_000;

export function start() {
  if (!ticket) return;
  toEnd();
  let last = Number(document.getElementById("thread").dataset.seq);
  onFresh((fresh) => {
    const now = Number(document.getElementById("thread").dataset.seq);
    if (now > last && wasAtEnd) toEnd();
    last = now;
    takeCompose(fresh);
  });
  box.addEventListener("scroll", () => (wasAtEnd = atEnd()), { passive: true });
  composing();
}

let wasAtEnd = true;
const scroller = () => (getComputedStyle(box).overflowY === "auto" ? box : document.scrollingElement);
const atEnd = () => scroller() !== box || box.scrollHeight - box.scrollTop - box.clientHeight < NEAR_END;

function toEnd() {
  if (scroller() === box) box.scrollTop = box.scrollHeight;
  else document.querySelector(".thread")?.lastElementChild?.scrollIntoView({ block: "end" });
}

/** The forms stay as they are while one writes; only closing and reopening changes them. */
function takeCompose(fresh) {
  const next = fresh.querySelector("[data-ticket]");
  if (next && next.dataset.closed !== ticket.dataset.closed) location.reload();
}

function composing() {
  const form = document.getElementById("form-answer");
  if (!form) return;
  const text = document.getElementById("answer");
  const key = `anwen-staff.draft.${document.body.dataset.staff}.${ticket.dataset.ticket}`;
  const seen = form.elements.namedItem("seen");
  const kept = recall(key);
  if (kept) [text.value, seen.value] = [kept.text, kept.seen];
  if (kept) form.querySelector("[data-draft]").textContent = words.draft;
  form.elements.namedItem("client_id").value = newId();
  const see = () => {
    // what is on the screen has been read, until writing begins: then a colleague's answer must not pass unnoticed
    if (!text.value) seen.value = document.getElementById("thread").dataset.seq;
  };
  onFresh(see);
  let typed = 0;
  text.addEventListener("input", () => {
    keep(key, text.value ? { text: text.value, seen: seen.value } : null);
    if (!text.value) see();
    if (Date.now() - typed < TYPING_EVERY_MS) return;
    typed = Date.now();
    fetch(`/staff/tickets/${ticket.dataset.ticket}/typing`, { method: "POST", headers: { "X-Anwen-Script": "1" } }).catch(
      () => {},
    );
  });
  for (const area of document.querySelectorAll(".compose textarea"))
    area.addEventListener("keydown", (event) => {
      if (event.key !== "Enter" || !(event.ctrlKey || event.metaKey) || event.isComposing) return;
      event.preventDefault();
      area.form.requestSubmit(area.form.querySelector(".primary, .note-button"));
    });
  tabs();
  folding();
  attach.start(form, newId);
  form.addEventListener("sent", () => {
    text.value = "";
    keep(key, null);
    form.elements.namedItem("client_id").value = newId();
    form.querySelector("[data-draft]").textContent = "";
    wasAtEnd = true;
  });
  document.getElementById("form-note").addEventListener("sent", (event) => {
    event.target.reset();
    wasAtEnd = true;
  });
  document.addEventListener("click", (event) => {
    const button = event.target.closest("[data-insert]");
    if (!button) return;
    choose("answer");
    insert(text, button.dataset.insert);
  });
  document.addEventListener("submit", (event) => {
    if (!event.target.matches("form[data-live]")) return;
    event.preventDefault();
    submit(event.target, event.submitter);
  });
}

async function submit(form, submitter) {
  if (form.dataset.busy) return;
  form.dataset.busy = "yes";
  const problem = form.querySelector(".compose-problem");
  if (problem) problem.hidden = true;
  try {
    await send(form, submitter);
    form.dispatchEvent(new CustomEvent("sent"));
    await refresh();
  } catch (error) {
    if (error instanceof Refused && error.code === "late" && (await askAboutLate(form, error.message))) {
      delete form.dataset.busy;
      return submit(form, submitter);
    }
    if (error instanceof Refused && error.status === 401) location.reload();
    if (problem) {
      problem.textContent = (error instanceof Refused && error.message) || words.failed;
      problem.hidden = false;
    } else await refresh();
  } finally {
    delete form.dataset.busy;
  }
  return undefined;
}

/** A colleague was faster: show what they wrote, and ask. True to send all the same. */
async function askAboutLate(form, message) {
  await refresh();
  form.elements.namedItem("seen").value = document.getElementById("thread").dataset.seq;
  const dialog = document.getElementById("late");
  document.getElementById("late-text").textContent = message;
  dialog.returnValue = "";
  dialog.showModal();
  await new Promise((resolve) => dialog.addEventListener("close", resolve, { once: true }));
  return dialog.returnValue === "send";
}

function insert(area, text) {
  const before = area.value && !area.value.endsWith("\n") ? `${area.value}\n` : area.value;
  area.value = before + text;
  area.dispatchEvent(new Event("input"));
  area.focus();
  speak(words.inserted);
}

/** On a phone the box is one line until somebody writes. It must not move under a finger: only complete clicks
 * and the focus of a textarea open it. */
function folding() {
  const compose = document.getElementById("compose");
  const isEmpty = () => [...compose.querySelectorAll("textarea")].every((area) => !area.value);
  compose.classList.toggle("folded", isEmpty());
  compose.addEventListener("focusin", (event) => event.target.matches("textarea") && compose.classList.remove("folded"));
  compose.addEventListener("click", () => compose.classList.remove("folded"));
  document.addEventListener("click", (event) => {
    if (!compose.contains(event.target) && isEmpty()) compose.classList.add("folded");
  });
}

/** The two forms: to the citizen, and the yellow one that stays here. */
function tabs() {
  for (const name of ["answer", "note"])
    document.getElementById(`tab-${name}`).addEventListener("click", () => choose(name, true));
}

/** Show the form called `name`. */
export function choose(name, focus = false) {
  for (const each of ["answer", "note"]) {
    const chosen = each === name;
    document.getElementById(`form-${each}`).hidden = !chosen;
    document.getElementById(`tab-${each}`).setAttribute("aria-pressed", String(chosen));
  }
  if (focus) document.getElementById(name === "note" ? "note" : "answer").focus();
}

const newId = () =>
  Array.from(crypto.getRandomValues(new Uint8Array(12)), (byte) => byte.toString(16).padStart(2, "0")).join("");

function recall(key) {
  try {
    return JSON.parse(localStorage.getItem(key));
  } catch {
    return null;
  }
}

function keep(key, value) {
  try {
    if (value) localStorage.setItem(key, JSON.stringify(value));
    else localStorage.removeItem(key);
  } catch {
    // the draft lives as long as the page
  }
}
