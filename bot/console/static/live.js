// Keeps the page true: an event says which tickets changed, the page fetches itself and swaps what differs.

import { load, speak, take, words } from "./page.js";

const GAP_MS = 700; // between two fetches; what is new is seen within a second
const AGAIN_MS = 60_000; // “waits 12 min” grows old by itself
const listeners = [];
const ticket = document.querySelector("[data-ticket]")?.dataset.ticket ?? null;
let busy = false;
let refreshedAt = 0;
let timer = null;
let asked = false;

/** Call `listener` after regions were swapped. */
export const onFresh = (listener) => listeners.push(listener);

/** Fetch the page again; while one fetch runs, at most one more is remembered. */
export async function refresh() {
  if (busy) {
    asked = true;
    return;
  }
  busy = true;
  refreshedAt = Date.now();
  try {
    const fresh = await load(location.href);
    if (take(fresh)) listeners.forEach((listener) => listener(fresh));
  } catch {
    // the stream says when the server is back
  } finally {
    busy = false;
  }
  if (asked) {
    asked = false;
    refresh();
  }
}

/** News: look at once, but in a busy hour not more often than people can read. */
function news() {
  const wait = refreshedAt + GAP_MS - Date.now();
  if (wait <= 0) refresh();
  else timer ??= setTimeout(() => ((timer = null), refresh()), wait);
}

export function start() {
  const page = document.querySelector("[data-region]");
  if (!page) return;
  const offline = document.getElementById("offline");
  const stream = new EventSource(ticket ? `/staff/events?ticket=${ticket}` : "/staff/events");
  stream.addEventListener("hello", () => {
    offline.hidden = true;
    refresh();
  });
  stream.addEventListener("tickets", (event) => {
    if (!ticket || JSON.parse(event.data).numbers.includes(ticket)) news();
  });
  stream.addEventListener("presence", news);
  stream.addEventListener("alerts", news);
  stream.onerror = () => {
    offline.hidden = false;
    if (stream.readyState === EventSource.CLOSED) setTimeout(() => location.reload(), 5_000);
  };
  setInterval(refresh, AGAIN_MS);
  window.addEventListener("pagehide", () => stream.close());
  window.addEventListener("pageshow", (event) => event.persisted && location.reload());
  if (!ticket) countUrgent();
  countAlerts();
}

/** A new alert is said aloud, on whatever page it appears. */
function countAlerts() {
  const count = () => Number(document.getElementById("alerts")?.dataset.count ?? 0);
  let before = count();
  onFresh(() => {
    const now = count();
    if (now > before) speak(words.new_alert);
    before = now;
  });
}

/** The tab's title counts the urgent ones, and a new one is said aloud. */
function countUrgent() {
  const title = document.title;
  let before = null;
  const show = () => {
    const count = Number(document.getElementById("filters")?.dataset.urgent ?? 0);
    document.title = count ? `(${count}!) ${title}` : title;
    if (before !== null && count > before) speak(words.new_urgent);
    before = count;
  };
  show();
  onFresh(show);
}
