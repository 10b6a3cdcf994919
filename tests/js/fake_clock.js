/** A clock that stands still until it is told to go on. */
export class FakeClock {
  #now = 0;
  #timers = new Set();

  now = () => this.#now;

  after = (milliseconds, act) => {
    const timer = { at: this.#now + milliseconds, act };
    this.#timers.add(timer);
    return timer;
  };

  cancel = (timer) => this.#timers.delete(timer);

  /** Go on, calling what is due in its order, and let promises settle in between. */
  async advance(milliseconds) {
    const end = this.#now + milliseconds;
    await settle();
    for (let next = this.#next(end); next; next = this.#next(end)) {
      this.#timers.delete(next);
      this.#now = Math.max(this.#now, next.at);
      next.act();
      await settle();
    }
    this.#now = end;
  }

  #next(end) {
    const due = [...this.#timers].filter((timer) => timer.at <= end);
    return due.sort((a, b) => a.at - b.at)[0];
  }
}

/** Let every promise that can settle do so. */
export async function settle() {
  await new Promise((resolve) => setImmediate(resolve));
}
