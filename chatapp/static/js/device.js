/** What this device remembers; only as long as the page where the browser forbids more. */
export const device = open();

function open() {
  try {
    window.localStorage.getItem("chatapp");
    return window.localStorage;
  } catch {
    return /** @type {Storage} */ (/** @type {unknown} */ (new Forgetful()));
  }
}

class Forgetful {
  /** @type {Map<string, string>} */ #items = new Map();

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
    this.#items.set(name, text);
  }

  removeItem(name) {
    this.#items.delete(name);
  }
}
