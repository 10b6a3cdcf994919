/** What `localStorage` is to a page, and to every other tab that is given the same one. */
export class FakeStorage {
  #items = new Map();
  full = false;

  get length() {
    return this.#items.size;
  }

  key(index) {
    return [...this.#items.keys()][index] ?? null;
  }

  getItem(name) {
    return this.#items.get(name) ?? null;
  }

  setItem(name, text) {
    if (this.full) throw new Error("QuotaExceededError");
    this.#items.set(name, text);
  }

  removeItem(name) {
    this.#items.delete(name);
  }
}
