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
  /** @type {Map<string, string>} */ #memory = new Map();

  /**
   * @param {Storage} storage
   * @param {number} user
   */
  constructor(storage, user) {
    this.storage = storage;
    this.prefix = `${PREFIX}${user}.`;
  }

  /** Everything, in the order typed. @returns {Entry[]} */
  all() {
    const texts = [...this.#names()].map((name) => this.#read(name));
    const entries = texts.filter((text) => text !== null).map((text) => JSON.parse(text));
    return entries.sort((a, b) => a.order - b.order || (a.key < b.key ? -1 : 1));
  }

  /** @param {string} key @returns {Entry | undefined} */
  get(key) {
    const text = this.#read(this.prefix + key);
    return text === null ? undefined : JSON.parse(text);
  }

  /** @param {Entry} entry */
  put(entry) {
    const name = this.prefix + entry.key;
    const text = JSON.stringify(entry);
    try {
      this.storage.setItem(name, text);
      this.#memory.delete(name);
    } catch {
      // A full or forbidden storage: it lives as long as the page then.
      this.#memory.set(name, text);
    }
  }

  /** @param {string} key */
  remove(key) {
    this.#memory.delete(this.prefix + key);
    this.storage.removeItem(this.prefix + key);
  }

  clear() {
    for (const name of this.#names()) this.remove(name.slice(this.prefix.length));
  }

  /** @param {string | null} name Of a storage item, as a `storage` event tells; null stands for all. */
  owns(name) {
    return name === null || name.startsWith(this.prefix);
  }

  #names() {
    const stored = Array.from({ length: this.storage.length }, (_, i) => this.storage.key(i) ?? "");
    return new Set(
      [...stored, ...this.#memory.keys()].filter((name) => name.startsWith(this.prefix)),
    );
  }

  #read(name) {
    return this.#memory.get(name) ?? this.storage.getItem(name);
  }
}
