/**
 * A message on its way.
 *
 * @typedef {object} Entry
 * @property {string} key The client key: the message's name until it has an id, and for retries.
 * @property {number} room
 * @property {string} body
 * @property {number} order Its place among what was typed.
 * @property {string} posted When it was typed, in ISO form.
 * @property {"waiting" | "failed"} state
 * @property {string} [reason] Why it failed, in words for people.
 */

const PREFIX = "chatapp.outbox.";

/**
 * The messages that one person typed on this device and the server hasn't confirmed. Each is an
 * item of its own, so that two tabs don't overwrite each other's.
 */
export class OutboxStore {
  /**
   * @param {import("chatapp/device").Device} device
   * @param {number} user
   */
  constructor(device, user) {
    this.device = device;
    this.prefix = `${PREFIX}${user}.`;
  }

  /** Everything, in the order typed. @returns {Entry[]} */
  all() {
    const texts = this.#names().map((name) => this.device.getItem(name));
    const entries = texts.filter((text) => text !== null).map((text) => JSON.parse(text));
    return entries.sort((a, b) => a.order - b.order || (a.key < b.key ? -1 : 1));
  }

  /** @param {string} key @returns {Entry | undefined} */
  get(key) {
    const text = this.device.getItem(this.prefix + key);
    return text === null ? undefined : JSON.parse(text);
  }

  /** @param {Entry} entry */
  put(entry) {
    this.device.setItem(this.prefix + entry.key, JSON.stringify(entry));
  }

  /** @param {string} key */
  remove(key) {
    this.device.removeItem(this.prefix + key);
  }

  clear() {
    for (const name of this.#names()) this.remove(name.slice(this.prefix.length));
  }

  /** @param {string | null} name Of a storage item, as a `storage` event tells; null stands for all. */
  owns(name) {
    return name === null || name.startsWith(this.prefix);
  }

  #names() {
    return this.device.names().filter((name) => name.startsWith(this.prefix));
  }
}
