/**
 * What a person wants, which may change faster than the server answers. Of each thing one wish at a time
 * is said, and then the last one, so that it ends as it was meant; different things don't wait for
 * each other.
 */
export class Wishes {
  /** The things that the server is being told of. @type {Map<string, unknown>} */
  #wanted = new Map();

  /**
   * What the last wish has come to, once the server has answered it: undefined, or what it was refused
   * with. Of one that another follows, that one tells.
   *
   * @template Wish
   * @param {string} thing
   * @param {Wish} wish
   * @param {(wish: Wish) => Promise<unknown>} say
   * @returns {Promise<{refusal?: any} | null>} Null: another call tells.
   */
  async wish(thing, wish, say) {
    const isBusy = this.#wanted.has(thing);
    this.#wanted.set(thing, wish);
    return isBusy ? null : this.#sayLast(thing, say);
  }

  async #sayLast(thing, say) {
    for (;;) {
      const said = this.#wanted.get(thing);
      const refusal = await say(said).then(
        () => undefined,
        (error) => error,
      );
      if (this.#wanted.get(thing) !== said) continue;
      this.#wanted.delete(thing);
      return { refusal };
    }
  }
}
