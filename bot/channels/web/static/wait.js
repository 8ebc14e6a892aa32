// Waiting between tries: 1, 2, 4 … 30 s, a little apart from everybody else, and cut short by good news.

const FIRST_MS = 1_000;
const LONGEST_MS = 30_000;

export class Backoff {
  #tries = 0;
  #wake = null;

  /** Start again from one second, and end a wait that is going on. */
  reset() {
    this.#tries = 0;
    this.#wake?.();
  }

  /** Wait before the next try, at least `leastMs`. */
  async wait(leastMs = 0) {
    const span = Math.min(LONGEST_MS, FIRST_MS * 2 ** this.#tries);
    this.#tries += 1;
    await this.pause(Math.max(leastMs, span * (0.75 + Math.random() / 2)));
  }

  /** Wait `ms`, without counting it as a try. */
  async pause(ms) {
    await new Promise((resolve) => {
      const timer = setTimeout(resolve, ms);
      this.#wake = () => {
        clearTimeout(timer);
        resolve();
      };
    });
    this.#wake = null;
  }
}
