/** How many messages of each room the viewer hasn't read. Both numbers only ever grow. */
export class Unread {
  /** @type {Map<number, {number: number, read: number}>} */ #rooms = new Map();

  /** @param {() => void} changed */
  constructor(changed) {
    this.changed = changed;
  }

  /**
   * What is known of a room: the number of its newest message, the number of the last one read.
   *
   * @param {number} room
   * @param {{number?: number, read?: number}} news
   */
  update(room, { number = 0, read = 0 }) {
    const known = this.#rooms.get(room) ?? { number: 0, read: 0 };
    const next = { number: Math.max(known.number, number), read: Math.max(known.read, read) };
    if (next.number === known.number && next.read === known.read) return;
    this.#rooms.set(room, next);
    this.changed();
  }

  /**
   * The viewer's rooms are these and no others.
   * @param {Iterable<number>} rooms
   */
  keep(rooms) {
    const kept = new Set(rooms);
    for (const room of this.#rooms.keys()) if (!kept.has(room)) this.#rooms.delete(room);
    this.changed();
  }

  /** @param {number} room */
  count(room) {
    const { number, read } = this.#rooms.get(room) ?? { number: 0, read: 0 };
    return Math.max(0, number - read);
  }

  total() {
    return [...this.#rooms.keys()].reduce((sum, room) => sum + this.count(room), 0);
  }
}
