import { viewerId } from "chatapp/viewer";

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

const PREFIX = "chatapp.draft.";
const name = (room) => `${PREFIX}${viewerId()}.${room}`;

/**
 * What the viewer had begun to write in a room on this device.
 * @param {number} room
 */
export const draft = (room) => device.getItem(name(room)) ?? "";

/**
 * @param {number} room
 * @param {string} text
 */
export function keepDraft(room, text) {
  try {
    if (text) device.setItem(name(room), text);
    else device.removeItem(name(room));
  } catch {
    // A full storage: the text is still in the field.
  }
}

/** Forget everything begun by the viewer. */
export function forgetDrafts() {
  const names = Array.from({ length: device.length }, (_, i) => device.key(i) ?? "");
  for (const each of names) if (each.startsWith(`${PREFIX}${viewerId()}.`)) device.removeItem(each);
}
