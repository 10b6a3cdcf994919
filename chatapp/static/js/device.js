import { viewerId } from "chatapp/viewer";

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

/** What this device remembers; only as long as the page where the browser forbids more. */
export const device = open();

const PREFIX = "chatapp.draft.";

/** What the viewer had begun to write at a place on this device, the same in all tabs. */
export class Draft {
  /** @param {number | string} place A room, or `edit.` and a message. */
  constructor(place) {
    this.name = `${PREFIX}${viewerId()}.${place}`;
  }

  get text() {
    return device.getItem(this.name) ?? "";
  }

  /** @param {string} text */
  keep(text) {
    try {
      if (text) device.setItem(this.name, text);
      else device.removeItem(this.name);
    } catch {
      // A full storage: the text is still in the field.
    }
  }

  /**
   * Hear what another tab makes of it. Gives the way to stop it.
   * @param {(before: string, now: string) => void} changed
   */
  listen(changed) {
    const hear = ({ key, oldValue, newValue }) =>
      key === this.name && changed(oldValue ?? "", newValue ?? "");
    addEventListener("storage", hear);
    return () => removeEventListener("storage", hear);
  }
}

/** The messages that the viewer has begun to write, by room. */
export function roomDrafts() {
  const places = ownDrafts().map((each) => each.split(".").slice(3));
  const rooms = places.filter(([room, ...more]) => Number(room) && !more.length);
  return rooms.map(([room]) => ({ room: Number(room), text: new Draft(room).text }));
}

/** Forget everything begun by the viewer. Gives the way to remember it after all. */
export function forgetDrafts() {
  const own = ownDrafts();
  const texts = own.map((each) => [each, device.getItem(each) ?? ""]);
  for (const each of own) device.removeItem(each);
  return () => {
    for (const [each, text] of texts) device.setItem(each, text);
  };
}

function ownDrafts() {
  const names = Array.from({ length: device.length }, (_, i) => device.key(i) ?? "");
  return names.filter((each) => each.startsWith(`${PREFIX}${viewerId()}.`));
}
