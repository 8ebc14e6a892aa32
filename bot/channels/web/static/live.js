// Keeps the page up to date: an event stream, or polling where streams do not get through. What it delivers may
// repeat; the log knows places and takes each once.

import * as api from "./api.js";
import { parseEvents } from "./events.js";
import { Backoff } from "./wait.js";

const SILENCE_MS = 40_000; // the server pings every 15 s
const STALE_MS = 20_000;
const POLL_MS = 10_000;
const STALE = Symbol("stale");

export class Live {
  #backoff = new Backoff();
  #turn = 0; // counts starts and stops: a loop of an older turn ends
  #running = false;
  #abort = null;
  #heardAt = 0;
  #polling = false;

  /**
   * @param place returns the last place the page has
   * @param onPosts takes (conversation, posts)
   * @param onCleared the chat was cleared in another tab
   * @param onReachable takes whether the server answers
   */
  constructor({ place, onPosts, onCleared, onReachable }) {
    Object.assign(this, { place, onPosts, onCleared, onReachable });
  }

  /** Begin, unless running. */
  start() {
    if (this.#running) return;
    this.#running = true;
    this.#run(++this.#turn);
  }

  /** Stop until the next start. */
  stop() {
    this.#running = false;
    this.#turn += 1;
    this.#abort?.abort();
    this.#backoff.reset();
  }

  /** There is reason to believe that it works again: try now, and drop a connection that went silent. */
  kick() {
    this.#polling = false;
    if (this.#abort && Date.now() - this.#heardAt > STALE_MS) this.#abort.abort(STALE);
    this.#backoff.reset();
  }

  async #run(turn) {
    while (turn === this.#turn) {
      try {
        if (this.#polling) await this.#poll();
        else await this.#follow(turn);
      } catch (error) {
        if (turn === this.#turn && error !== STALE) await this.#failed(error);
      }
    }
  }

  async #failed(error) {
    if (error instanceof api.Refused) {
      this.#polling = true; // no stream for us now: ask instead
      await this.#backoff.wait(error.waitMs);
      return;
    }
    this.onReachable(false);
    await this.#backoff.wait();
  }

  async #follow(turn) {
    const abort = (this.#abort = new AbortController());
    const watch = setInterval(() => Date.now() - this.#heardAt > SILENCE_MS && abort.abort(), 5_000);
    this.#heardAt = Date.now();
    let conversation = null;
    try {
      const response = await api.stream(this.place(), abort.signal);
      if (!response.body) {
        this.#polling = true;
        return undefined;
      }
      this.onReachable(true);
      for await (const { event, data } of parseEvents(response.body)) {
        this.#heardAt = Date.now();
        if (turn !== this.#turn) return undefined;
        if (event === "conversation") conversation = JSON.parse(data).conversation;
        if (event === "conversation") this.onPosts(conversation, []);
        if (event === "post") this.onPosts(conversation, [JSON.parse(data)]);
        if (event === "end") return this.#ended(JSON.parse(data).reason);
      }
      this.#backoff.reset();
      return await this.#backoff.pause(500 + Math.random() * 1500); // cut without a word: a proxy, a restart
    } finally {
      clearInterval(watch);
      if (this.#abort === abort) this.#abort = null;
    }
  }

  #ended(reason) {
    this.#backoff.reset();
    if (reason === "cleared") this.onCleared();
    if (reason === "replaced") this.#polling = true;
    return reason === "renew" ? this.#backoff.pause(Math.random() * 1000) : null;
  }

  async #poll() {
    const found = await api.history(this.place());
    this.onReachable(true);
    this.onPosts(found.conversation, found.posts);
    this.#backoff.reset();
    if (!found.more) await this.#backoff.pause(document.hidden ? POLL_MS * 6 : POLL_MS);
  }
}
