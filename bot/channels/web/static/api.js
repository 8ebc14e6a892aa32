// Requests to the server. A chat is known by a cookie, or, inside another site's page where cookies do not
// work, by a token kept in memory.

import { page } from "./words.js";

const TIMEOUT_MS = 30_000;
const UPLOAD_TIMEOUT_MS = 180_000;
const byToken = page.mode === "embed" || !navigator.cookieEnabled;
let token = null;

/** The server answered, but refused. `status` and `code` tell why, `message` is for people. */
export class Refused extends Error {
  constructor(status, { code = "error", message = "" } = {}, waitMs = 0) {
    super(message);
    this.status = status;
    this.code = code;
    this.waitMs = waitMs;
  }
}

/** POST `body`; the answer as JSON. Throws Refused, or TypeError/AbortError when nothing came back. */
export async function post(path, body = {}) {
  await begin();
  return send(path, { method: "POST", body: JSON.stringify(body) });
}

/** The messages behind place `after`. */
export async function history(after) {
  await begin();
  return send(`/chat/history?after=${after}`);
}

/** Everything kept about this visitor, as a file to save. */
export async function myData() {
  await begin();
  return new Blob([JSON.stringify(await send("/chat/my-data"), null, 2)], { type: "application/json" });
}

/** Send a file under an id of its own; the answer is that of a message. */
export async function upload(file, id) {
  await begin();
  const named = { "X-Anwen-Name": encodeURIComponent(file.name), "X-Anwen-Id": id };
  return send(
    "/chat/files",
    { method: "POST", body: file },
    { type: "application/octet-stream", more: named, timeoutMs: UPLOAD_TIMEOUT_MS },
  );
}

/** A file of this chat, as a Blob. */
export async function file(id) {
  await begin();
  const response = await fetch(`/chat/files/${encodeURIComponent(id)}`, { headers: headers(), cache: "no-store" });
  if (!response.ok) throw await refused(response);
  return response.blob();
}

/** A document made for this visitor, as a file to save. */
export async function paper(path) {
  await begin();
  const response = await fetch(path, { headers: headers(), cache: "no-store" });
  if (!response.ok) throw await refused(response);
  return response.blob();
}

/** The event stream behind place `after`, as a Response whose body is read. `signal` ends it. */
export async function stream(after, signal) {
  await begin();
  const response = await fetch(`/chat/events?after=${after}`, {
    headers: headers(),
    signal,
    cache: "no-store",
  });
  if (!response.ok) throw await refused(response);
  return response;
}

/** End this chat on the server and begin a new one. */
export async function clear() {
  const begun = await post("/chat/clear");
  token = begun.token;
}

async function begin() {
  if (!byToken || token) return;
  token = (await send("/chat/session", { method: "POST", body: "{}" })).token;
}

async function send(path, options = {}, { type, more = {}, timeoutMs = TIMEOUT_MS } = {}) {
  const abort = new AbortController();
  const timer = setTimeout(() => abort.abort(), timeoutMs);
  try {
    const response = await fetch(path, {
      ...options,
      headers: { ...headers(type), ...more },
      cache: "no-store",
      signal: abort.signal,
    });
    if (!response.ok) throw await refused(response);
    return await response.json();
  } finally {
    clearTimeout(timer);
  }
}

function headers(type = "application/json") {
  const common = { "Content-Type": type, Accept: "application/json, text/event-stream" };
  return token ? { ...common, Authorization: `Bearer ${token}` } : common;
}

async function refused(response) {
  const body = await response.json().catch(() => ({}));
  const wait = Number(response.headers.get("Retry-After")) || 0;
  return new Refused(response.status, body.error, wait * 1000);
}
