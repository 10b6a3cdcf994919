import { backoff } from "chatapp/clock";

/** When more changes than this were missed, the newest page is shown anew instead. */
export const TOO_FAR = 500;

/**
 * Fetches what a page missed, page by page, one round at a time, and tries again when the network
 * fails. A round that is asked for while one runs follows it, or wakes it where it waits.
 */
export class CatchUp {
  #running = false;
  #again = false;
  #stopped = false;
  /** @type {(() => void) | null} */ #alarm = null;

  /**
   * @param {object} options
   * @param {() => Promise<any>} options.fetchPage The next page after what the page has now.
   * @param {(page: any) => void} options.apply Shows it, and moves what the page has.
   * @param {() => number} [options.gap] How many changes are known to be missing.
   * @param {() => void} options.startAfresh The gap is too wide, or the history another one.
   * @param {(error: any) => boolean} options.isFinal Whether trying again can't help.
   * @param {() => boolean} options.isOnline Whether the server is heard.
   * @param {import("chatapp/clock").Clock} options.clock
   * @param {() => number} [options.random]
   */
  constructor({
    fetchPage,
    apply,
    gap = () => 0,
    startAfresh,
    isFinal,
    isOnline,
    clock,
    random = Math.random,
  }) {
    this.fetchPage = fetchPage;
    this.apply = apply;
    this.gap = gap;
    this.startAfresh = startAfresh;
    this.isFinal = isFinal;
    this.isOnline = isOnline;
    this.clock = clock;
    this.random = random;
  }

  /** Catch up to the present. Resolves when the round is over. */
  async run() {
    if (this.#running) return this.#follow();
    this.#again = false;
    this.#running = true;
    try {
      await this.#round();
    } finally {
      this.#running = false;
    }
    if (this.#again && !this.#stopped) await this.run();
  }

  /** Don't wait any longer: the server, the network or the person is back. */
  wake() {
    this.#alarm?.();
  }

  stop() {
    this.#stopped = true;
    this.wake();
  }

  #follow() {
    if (!this.#alarm) this.#again = true;
    else if (this.isOnline()) this.wake();
  }

  async #round() {
    if (this.gap() > TOO_FAR) return this.startAfresh();
    let seen = 0;
    for (let attempt = 0; !this.#stopped; ) {
      try {
        const page = await this.fetchPage();
        if (this.#stopped) return;
        seen += page.messages?.length ?? 0;
        if (page.reset || (page.more && seen >= TOO_FAR)) return this.startAfresh();
        this.apply(page);
        if (!page.more) return;
        attempt = 0;
      } catch (/** @type {any} */ error) {
        if (this.#stopped || this.isFinal(error)) return;
        const pause = backoff(attempt++, this.isOnline(), this.random);
        await this.#sleep(error.givenUp ? 0 : pause);
      }
    }
  }

  #sleep(milliseconds) {
    return new Promise((resolve) => {
      this.#alarm = () => {
        this.clock.cancel(timer);
        this.#alarm = null;
        resolve(undefined);
      };
      const timer = this.clock.after(milliseconds, this.#alarm);
    });
  }
}
