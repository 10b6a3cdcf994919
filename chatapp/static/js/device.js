import { viewerId } from "chatapp/viewer";

function open() {
  try {
    window.localStorage.getItem("chatapp");
    return window.localStorage;
  } catch {
    return null;
  }
}

/** What this device remembers; what it has no place for, or forbids, lives as long as the page. */
export class Device {
  /** @type {Map<string, string>} */ #unkept = new Map();
  /** Told when something lives in the page only. */
  onUnkept = () => {};

  /** @param {Pick<Storage, "length" | "key" | "getItem" | "setItem" | "removeItem"> | null} storage */
  constructor(storage) {
    this.storage = storage;
  }

  /** Whether something goes with the page. */
  get hasUnkept() {
    return this.#unkept.size > 0;
  }

  names() {
    const { storage } = this;
    const kept = Array.from({ length: storage?.length ?? 0 }, (_, i) => storage?.key(i) ?? "");
    return [...new Set([...kept, ...this.#unkept.keys()])];
  }

  getItem(name) {
    return this.#unkept.get(name) ?? this.storage?.getItem(name) ?? null;
  }

  setItem(name, text) {
    try {
      if (!this.storage) throw new Error("There is no storage.");
      this.storage.setItem(name, text);
      this.#unkept.delete(name);
    } catch {
      this.#unkept.set(name, text);
      this.onUnkept();
    }
  }

  removeItem(name) {
    this.#unkept.delete(name);
    this.storage?.removeItem(name);
  }
}

export const device = new Device(open());

/**
 * Say so once where the device keeps nothing more, and ask before the page goes with what it holds.
 * @param {() => void} tell
 */
export function guardUnkept(tell) {
  device.onUnkept = () => {
    device.onUnkept = () => {};
    tell();
    addEventListener("beforeunload", (event) => {
      if (!device.hasUnkept) return;
      event.preventDefault();
      // Older ones ask for this only.
      event.returnValue = true;
    });
  };
}

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
    if (text) device.setItem(this.name, text);
    else device.removeItem(this.name);
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
  return device.names().filter((each) => each.startsWith(`${PREFIX}${viewerId()}.`));
}
