import { backoff } from "chatapp/clock";

/** Answers after which the same request may well succeed. */
const PASSING = [0, 408, 425, 429, 502, 503, 504];
const SIGNED_OUT = 401;
/** Who were all told to wait equally long don't come in step. */
const SPREAD = 1_000;

/**
 * Sends what was typed, per room strictly in the order typed, each message once: the next waits
 * until the one before it is confirmed or refused. What is refused stays, marked, until the person
 * decides.
 */
export class Outbox {
  /** @type {Set<number>} */ #sending = new Set();
  /** @type {Set<number>} */ #moreCame = new Set();
  /** @type {Set<() => void>} */ #sleepers = new Set();

  /**
   * @param {object} options
   * @param {import("chatapp/outbox_store").OutboxStore} options.store
   * @param {(entry: import("chatapp/outbox_store").Entry) => Promise<any>} options.send
   *   Rejects with an error that has `status` (0: no answer), `reason`, `retryAfter` (seconds)
   *   and `givenUp` (shall be made again at once).
   * @param {(name: string, act: () => Promise<any>) => Promise<any>} options.lock
   *   Runs `act` while no other tab does under that name.
   * @param {() => void} options.changed The list is another one.
   * @param {(room: number, answer: any) => void} options.sent
   * @param {(entry: import("chatapp/outbox_store").Entry) => void} options.failed It was refused.
   * @param {() => string} options.newKey
   * @param {() => boolean} options.isOnline Whether the server is heard.
   * @param {import("chatapp/clock").Clock} options.clock
   * @param {() => number} [options.random]
   */
  constructor({
    store,
    send,
    lock,
    changed,
    sent,
    failed,
    newKey,
    isOnline,
    clock,
    random = Math.random,
  }) {
    this.store = store;
    this.send = send;
    this.lock = lock;
    this.changed = changed;
    this.sent = sent;
    this.failed = failed;
    this.newKey = newKey;
    this.isOnline = isOnline;
    this.clock = clock;
    this.random = random;
  }

  /**
   * What stands in a room's outbox, in the order typed.
   * @param {number} room
   */
  entries(room) {
    return this.store.all().filter((entry) => entry.room === room);
  }

  /**
   * Take a message; it is kept before this returns.
   * @param {number} room
   * @param {string} body
   */
  add(room, body) {
    const last = this.store.all().at(-1)?.order ?? 0;
    const posted = new Date().toISOString();
    this.#keep({ key: this.newKey(), room, body, order: last + 1, posted, state: "waiting" });
    this.#work(room);
  }

  /** @param {string} key Of a failed message, to be tried once more. */
  retry(key) {
    const entry = this.store.get(key);
    if (!entry) return;
    this.#keep({ ...entry, state: "waiting", reason: undefined });
    this.#work(entry.room);
  }

  /** @param {string} key Of a message that shall not be sent after all. */
  discard(key) {
    this.store.remove(key);
    this.changed();
  }

  /** Go on now: the page is new, the network is back. */
  resume() {
    for (const wake of this.#sleepers) wake();
    this.takeTurns();
  }

  /** Another tab has taken something, and may be closed before that is sent: send it in turns with it. */
  takeTurns() {
    for (const room of new Set(this.store.all().map((entry) => entry.room))) this.#work(room);
  }

  async #work(room) {
    this.#moreCame.add(room);
    if (this.#sending.has(room)) return;
    this.#sending.add(room);
    try {
      while (this.#moreCame.delete(room)) await this.#empty(room);
    } finally {
      this.#sending.delete(room);
    }
  }

  async #empty(room) {
    for (let attempt = 0; ; ) {
      const outcome = await this.lock(`${this.store.prefix}${room}`, () => this.#sendNext(room));
      if (outcome.done) return;
      if (!outcome.error) attempt = 0;
      else await this.#sleep(this.#wait(outcome.error, attempt++));
    }
  }

  #wait(error, attempt) {
    if (error.givenUp) return 0;
    const pause = backoff(attempt, this.isOnline(), this.random);
    const asked = error.retryAfter && error.retryAfter * 1_000 + this.random() * SPREAD;
    return Math.max(asked || 0, pause);
  }

  async #sendNext(room) {
    const entry = this.entries(room).find(({ state }) => state === "waiting");
    if (!entry) return { done: true };
    try {
      this.#confirm(entry, await this.send(entry));
      return {};
    } catch (error) {
      // Discarded meanwhile, or wiped by signing out: then it doesn't matter how it failed.
      return this.store.get(entry.key) ? this.#fail(entry, error) : {};
    }
  }

  #confirm(entry, answer) {
    this.store.remove(entry.key);
    this.sent(entry.room, answer);
    this.changed();
  }

  #fail(entry, error) {
    // It waits for the same person to sign in again.
    if (error.status === SIGNED_OUT) return { done: true };
    if (PASSING.includes(error.status)) return { error };
    /** @type {import("chatapp/outbox_store").Entry} */
    const failed = { ...entry, state: "failed", reason: error.reason };
    this.#keep(failed);
    this.failed(failed);
    return {};
  }

  #keep(entry) {
    this.store.put(entry);
    this.changed();
  }

  #sleep(milliseconds) {
    return new Promise((resolve) => {
      const wake = () => {
        this.clock.cancel(timer);
        this.#sleepers.delete(wake);
        resolve(undefined);
      };
      const timer = this.clock.after(milliseconds, wake);
      this.#sleepers.add(wake);
    });
  }
}
