// What the person wrote, until the server has it: one after another, in order, each under an id of its own, so
// that sending twice does nothing twice. It outlives the page, a lost network and a closed browser.

import * as api from "./api.js";
import { forget, recall, remember } from "./storage.js";
import { Backoff } from "./wait.js";

export const MOST_WAITING = 20;
const MOST_SERVER_ERRORS = 6;
const KEY = "outbox";

export class Outbox {
  #items = [];
  #backoff = new Backoff();
  #sending = false;
  #cleared = 0;
  #keeps;

  /**
   * @param keeps whether items outlive the page
   * @param onState takes (item, "sending" | "waiting" | "slowed" | "failed")
   * @param onSent takes (item, answer)
   * @param onWords takes words the server has for the person when it cannot take a message
   * @param onReachable takes whether the server answers
   */
  constructor({ keeps, onState, onSent, onWords, onReachable }) {
    Object.assign(this, { onState, onSent, onWords, onReachable });
    this.#keeps = keeps;
    this.#items = keeps ? recall(KEY, []) : [];
  }

  /** What is not sent yet, oldest first. */
  get items() {
    return [...this.#items];
  }

  /** Whether the server owes an answer. */
  get busy() {
    return this.#sending;
  }

  /** Whether one more may be written. */
  get full() {
    return this.#items.filter((item) => !item.failed).length >= MOST_WAITING;
  }

  /** Take a message and send it as soon as possible. Returns it with its id. */
  add({ text, choice = null }) {
    const item = { id: newId(), text, choice, at: new Date().toISOString() };
    this.#items.push(item);
    this.#store();
    return item;
  }

  /** Try again what failed. */
  retry(item) {
    item.failed = false;
    item.errors = 0;
    this.#store();
    this.#backoff.reset();
    this.run();
  }

  /** There is reason to believe that it works again. */
  kick() {
    this.#backoff.reset();
    this.run();
  }

  /** Another tab told that the server has it. */
  arrived(id) {
    this.#items = this.#items.filter((item) => item.id !== id);
    this.#store();
  }

  /** Forget everything. */
  clear() {
    this.#cleared += 1;
    this.#items = [];
    forget(KEY);
    this.#backoff.reset();
  }

  /** Send what waits, oldest first, until nothing does. */
  async run() {
    if (this.#sending) return;
    this.#sending = true;
    try {
      for (let item = this.#next(); item; item = this.#next()) await this.#send(item);
    } finally {
      this.#sending = false;
    }
  }

  #next() {
    return this.#items.find((item) => !item.failed);
  }

  async #send(item) {
    const cleared = this.#cleared;
    this.onState(item, "sending");
    try {
      const answer = await api.post("/chat/messages", {
        client_id: item.id,
        text: item.text,
        choice: item.choice,
      });
      this.#backoff.reset();
      this.onReachable(true);
      if (cleared !== this.#cleared) return; // what is answered is no longer wanted here
      this.arrived(item.id);
      this.onSent(item, answer);
    } catch (error) {
      await this.#refused(item, error);
    }
  }

  async #refused(item, error) {
    if (!(error instanceof api.Refused)) {
      this.onReachable(false);
      this.onState(item, "waiting");
      return this.#backoff.wait();
    }
    this.onReachable(true);
    if (error.status === 429 || error.status === 503) this.onWords(error.message);
    if (error.status === 429) {
      this.onState(item, "slowed");
      return this.#backoff.pause(error.waitMs);
    }
    item.errors = (item.errors ?? 0) + 1;
    if (error.status < 500 || item.errors >= MOST_SERVER_ERRORS) {
      item.failed = true;
      this.#store();
      return this.onState(item, "failed");
    }
    this.onState(item, "waiting");
    return this.#backoff.wait(error.waitMs);
  }

  #store() {
    if (this.#keeps) remember(KEY, this.#items);
  }
}

/** 128 random bits; crypto.randomUUID would need https. */
export function newId() {
  const bytes = crypto.getRandomValues(new Uint8Array(16));
  return Array.from(bytes, (byte) => byte.toString(16).padStart(2, "0")).join("");
}
