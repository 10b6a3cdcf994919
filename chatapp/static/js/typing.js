import { clock } from "chatapp/clock";
import { viewerId } from "chatapp/viewer";
import { word } from "chatapp/words";

/** Said at most once in this time, however fast a person types. */
const SAY_EVERY = 3_000;
/** Forgotten after this, for the end of typing is never said. */
const GONE_AFTER = 5_000;

/** Says that the viewer is typing, not too often. */
export class TypingNotice {
  #said = -Infinity;

  /**
   * @param {object} options
   * @param {import("chatapp/clock").Clock} options.clock
   * @param {() => void} options.say
   */
  constructor({ clock, say }) {
    this.clock = clock;
    this.say = say;
  }

  typed() {
    if (this.clock.now() - this.#said < SAY_EVERY) return;
    this.#said = this.clock.now();
    this.say();
  }

  /** The message is out: the next key is news again. */
  sent() {
    this.#said = -Infinity;
  }
}

/** Who is typing now. */
export class TypingPeople {
  /** @type {Map<number, {name: string, timer: any}>} */ #people = new Map();

  /**
   * @param {object} options
   * @param {import("chatapp/clock").Clock} options.clock
   * @param {(names: string[]) => void} options.changed
   */
  constructor({ clock, changed }) {
    this.clock = clock;
    this.changed = changed;
  }

  /**
   * @param {number} user
   * @param {string} name
   */
  heard(user, name) {
    this.clock.cancel(this.#people.get(user)?.timer);
    const timer = this.clock.after(GONE_AFTER, () => this.stopped(user));
    this.#people.set(user, { name, timer });
    this.#tell();
  }

  /** @param {number} user Has sent the message, or left. */
  stopped(user) {
    this.clock.cancel(this.#people.get(user)?.timer);
    if (this.#people.delete(user)) this.#tell();
  }

  clear() {
    for (const user of [...this.#people.keys()]) this.stopped(user);
  }

  #tell() {
    this.changed([...this.#people.values()].map((person) => person.name));
  }
}

/** "Ann is typing", in the line that is kept free for it. */
export class TypingLine {
  /** @param {HTMLElement | null} element */
  constructor(element) {
    this.people = new TypingPeople({
      clock,
      changed: (names) => {
        if (element) element.textContent = sentence(names);
      },
    });
  }

  heard({ user, name }) {
    if (user !== viewerId()) this.people.heard(user, name);
  }
}

function sentence(names) {
  const [name, other] = names;
  if (names.length > 2) return word("typingMany");
  if (other) return word("typingTwo", { name, other });
  return name ? word("typingOne", { name }) : "";
}
