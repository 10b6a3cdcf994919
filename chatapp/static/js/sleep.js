/** The wall clock may be set, too; but by this much it is rather the machine that slept. */
const NAP = 5_000;
/** Whatever looks so much too late was held up together with its clock. */
const OVERSLEPT = 9_000;

/**
 * Notices sleep by two clocks, looked at often. The one for durations stands still meanwhile in most
 * browsers, the one on the wall doesn't, but may be set.
 */
export class Sleep {
  /** @type {number} */ #now;
  /** @type {number} */ #time;

  /**
   * @param {import("chatapp/clock").Clock} clock
   * @param {() => number} [time] Milliseconds on the wall.
   */
  constructor(clock, time = () => Date.now()) {
    this.clock = clock;
    this.time = time;
    this.#note();
  }

  /**
   * What happened since the last look. `slept`: the clock stood still, so that what it says of
   * silence is worth nothing. `late`: the clock went on, but nobody could look.
   */
  look() {
    const passed = this.clock.now() - this.#now;
    const slept = this.time() - this.#time - passed > NAP;
    this.#note();
    return { slept, late: passed > OVERSLEPT };
  }

  #note() {
    this.#now = this.clock.now();
    this.#time = this.time();
  }
}
