import { clock } from "chatapp/clock";
import { listen, openWith, say } from "chatapp/live";

/** Without a key or a pointer for this long a person counts as away. */
const AWAY_AFTER = 5 * 60_000;

/** Whether the person is here: "active", or "away" when idle or looking elsewhere. */
export class Activity {
  #timer = null;
  #hidden = false;
  #touched = 0;
  state = "active";

  /**
   * @param {object} options
   * @param {import("chatapp/clock").Clock} options.clock
   * @param {(state: string) => void} options.changed
   */
  constructor({ clock, changed }) {
    this.clock = clock;
    this.changed = changed;
    this.touch();
  }

  /** A sign of life: a key, a pointer, the page shown. */
  touch() {
    this.#touched = this.clock.now();
    this.#look();
  }

  /** @param {boolean} hidden The page is not to be seen. */
  setHidden(hidden) {
    this.#hidden = hidden;
    if (!hidden) this.#touched = this.clock.now();
    this.#look();
  }

  #look() {
    const left = this.#touched + AWAY_AFTER - this.clock.now();
    this.#set(this.#hidden || left <= 0 ? "away" : "active");
    if (this.#timer === null && left > 0) this.#timer = this.clock.after(left, () => this.#wake());
  }

  #wake() {
    this.#timer = null;
    this.#look();
  }

  #set(state) {
    if (state === this.state) return;
    this.state = state;
    this.changed(state);
  }
}

/** @type {Activity | null} */
let here = null;
const news = new EventTarget();

/** Whether the person doesn't seem to be at this browser. */
export const isAway = () => here?.state === "away";

/**
 * Hear that the person went away or came back.
 *
 * @param {() => void} handler
 * @param {{signal: AbortSignal}} until
 */
export function onActivity(handler, until) {
  news.addEventListener("changed", handler, until);
}

/** The last two are all that some aids to reading and to speaking let a page see. */
const SIGNS = [
  "keydown",
  "pointerdown",
  "pointermove",
  "wheel",
  "focus",
  "focusin",
  "selectionchange",
];

/** Tell the server whether the person is at this browser, when that changes and after each return. */
export function reportPresence() {
  const tell = () => say({ type: "presence", state: activity.state });
  const changed = () => {
    tell();
    news.dispatchEvent(new Event("changed"));
  };
  const activity = new Activity({ clock, changed });
  here = activity;
  openWith(() => ({ state: activity.state }));
  // It may be another one by now.
  listen("welcome", tell);
  for (const sign of SIGNS) {
    addEventListener(sign, () => activity.touch(), { passive: true, capture: true });
  }
  const look = () => activity.setHidden(document.hidden);
  document.addEventListener("visibilitychange", look);
  look();
}
