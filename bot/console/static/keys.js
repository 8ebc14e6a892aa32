// Keyboard shortcuts. None works while one writes, except Esc and Ctrl+Enter.

import { choose } from "./ticket.js";

const KEYS = {
  "?": () => document.getElementById("help")?.showModal(),
  "/": () => (document.getElementById("find") ? document.getElementById("find").focus() : go("/staff/search")),
  g: () => go("/staff"),
  j: () => step(+1),
  k: () => step(-1),
  Enter: () => document.querySelector(".line.at .line-link")?.click(),
  c: () => document.querySelector("[data-key=c]")?.click(),
  r: () => document.getElementById("tab-answer") && choose("answer", true),
  n: () => document.getElementById("tab-note") && choose("note", true),
  t: () => fold("pop-transfer"),
};

export function start() {
  document.addEventListener("keydown", (event) => {
    if (event.ctrlKey || event.metaKey || event.altKey || event.isComposing) return;
    const writing = event.target.matches("input, textarea, select");
    if (event.key === "Escape") return leave(writing ? event.target : null);
    if (writing || document.querySelector("dialog[open]")) return;
    if (event.key === "Enter" && event.target.matches("a, button, summary")) return;
    const act = KEYS[event.key.length === 1 ? event.key.toLowerCase() : event.key];
    if (!act) return;
    event.preventDefault();
    act();
  });
}

const go = (url) => (location.href = url);

// the place in the list outlives the line itself: when a ticket leaves the list, J and K go on from where it stood
let place = -1;

function step(by) {
  const lines = [...document.querySelectorAll(".line")];
  if (!lines.length) return;
  const at = lines.findIndex((line) => line.classList.contains("at"));
  const from = at >= 0 ? at : by > 0 && place >= 0 ? place - 1 : place;
  lines[at]?.classList.remove("at");
  place = Math.min(Math.max(from + by, 0), lines.length - 1);
  lines[place].classList.add("at");
  lines[place].querySelector(".line-link").focus();
}

function fold(id) {
  const details = document.getElementById(id);
  if (!details) return;
  details.open = true;
  details.querySelector("select, textarea, button")?.focus();
}

function leave(field) {
  field?.blur();
  document.querySelectorAll("details.pop[open], details.me[open]").forEach((each) => (each.open = false));
}
