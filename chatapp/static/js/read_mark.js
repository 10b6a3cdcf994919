/** A message counts as read when it was in view for this long. */
const LINGER = 400;
/** All who have a room before them see its next message in the same moment: they say so in turns. */
const SPREAD = 600;
const AGAIN = 5_000;

/** Tells the server, not too often, how far the viewer has read in one room. */
export class ReadMark {
  #timer = null;
  #again = null;
  #seen;

  /**
   * @param {object} options
   * @param {number} options.read The number of the last message read.
   * @param {(number: number) => Promise<unknown>} options.send
   * @param {() => boolean} options.inView Whether the newest message is before the person's eyes.
   * @param {import("chatapp/clock").Clock} options.clock
   * @param {() => number} [options.random] A number from 0 up to 1.
   */
  constructor({ read, send, inView, clock, random = Math.random }) {
    this.read = read;
    this.#seen = read;
    this.send = send;
    this.inView = inView;
    this.clock = clock;
    this.random = random;
  }

  /**
   * @param {number} number The newest message of the page; looked at again whenever it may be seen.
   * @param {boolean} isNews Whether it has just come, for all who have the room before them.
   */
  look(number, isNews = false) {
    this.#seen = Math.max(this.#seen, number);
    if (this.#seen <= this.read || this.#timer !== null || !this.inView()) return;
    const pause = LINGER + (isNews ? this.random() * SPREAD : 0);
    this.#timer = this.clock.after(pause, () => this.#mark());
  }

  /** @param {number} number Read in another tab, or on another device. */
  moved(number) {
    this.read = Math.max(this.read, number);
  }

  /**
   * What the server has heard of so far. A mark that got lost is said again at the next look.
   * @param {number} number
   */
  heard(number) {
    this.read = number;
  }

  stop() {
    this.clock.cancel(this.#timer);
    this.clock.cancel(this.#again);
  }

  async #mark() {
    this.#timer = null;
    if (!this.inView() || this.#seen <= this.read) return;
    const before = this.read;
    this.read = this.#seen;
    try {
      await this.send(this.read);
    } catch {
      // Said again at the next look, or after a while.
      if (this.read === this.#seen) this.read = before;
      this.clock.cancel(this.#again);
      this.#again = this.clock.after(AGAIN, () => this.look(this.#seen));
    }
  }
}
