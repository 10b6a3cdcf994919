/** How long a frame that came too early waits for the one before it, in milliseconds. */
const PATIENCE = 100;
/** Asking in vain is repeated more and more rarely, up to this. */
const LONGEST = 5_000;

/**
 * One room's changes in their order, each once: what comes early is held back a moment, what came
 * before is dropped, and when something is missing, `ask()` is called until `caughtUp` tells.
 */
export class Sequence {
  /** @type {Map<number, any>} */ #held = new Map();
  #timer = null;
  #asked = 0;

  /**
   * @param {object} options
   * @param {number} options.have The page shows everything up to this seq.
   * @param {(change: any) => void} options.apply Shows the next change.
   * @param {() => void} options.ask Fetches what is missing.
   * @param {() => boolean} [options.isComing] Whether it is about to come without being asked for.
   * @param {import("chatapp/clock").Clock} options.clock
   */
  constructor({ have, apply, ask, isComing = () => false, clock }) {
    this.have = have;
    this.head = have;
    this.apply = apply;
    this.ask = ask;
    this.isComing = isComing;
    this.clock = clock;
  }

  /**
   * A change, with its place `seq` in the room.
   * @param {{seq: number}} change
   */
  receive(change) {
    if (change.seq <= this.have) return;
    this.#held.set(change.seq, change);
    this.#drain();
    this.behind(change.seq);
  }

  /**
   * The room is known to be at `seq`: if that doesn't arrive soon by itself, it is asked for.
   * @param {number} seq
   */
  behind(seq) {
    this.head = Math.max(this.head, seq);
    if (this.have >= this.head || this.#timer !== null) return;
    const wait = Math.min(LONGEST, PATIENCE * 2 ** this.#asked);
    this.#timer = this.clock.after(wait, () => this.#askIfMissing());
  }

  /**
   * Whether all that changed after `since`, up to `seq`, joins on to what the page shows, and is
   * more than that.
   *
   * @param {{since: number, seq: number}} missed
   */
  goesOnWith({ since, seq }) {
    return since <= this.have && this.have < seq;
  }

  /**
   * Everything up to `seq` is on the page now.
   * @param {number} seq
   */
  caughtUp(seq) {
    this.have = Math.max(this.have, seq);
    for (const held of this.#held.keys()) if (held <= this.have) this.#held.delete(held);
    this.#drain();
    this.behind(this.have);
  }

  stop() {
    this.clock.cancel(this.#timer);
    this.#held.clear();
  }

  #drain() {
    for (let next = this.#held.get(this.have + 1); next; next = this.#held.get(this.have + 1)) {
      this.#held.delete(next.seq);
      this.have = next.seq;
      this.apply(next);
    }
    if (this.have >= this.head) this.#asked = 0;
  }

  #askIfMissing() {
    this.#timer = null;
    if (this.have >= this.head) return;
    if (!this.isComing()) {
      this.#asked += 1;
      this.ask();
    }
    this.behind(this.head);
  }
}
