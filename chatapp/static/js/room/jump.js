import { one, part } from "chatapp/dom";
import { plural, word } from "chatapp/words";

/** The button that leads back to the newest message, with the count of what came meanwhile. */
export class Jump {
  #missed = 0;

  /**
   * @param {HTMLElement} place
   * @param {() => void} jump
   * @param {() => void} left The focus was on the button, which is gone.
   */
  constructor(place, jump, left) {
    this.left = left;
    this.button = part("jump-to-latest");
    if (!this.button) return;
    this.button.addEventListener("click", jump);
    place.prepend(this.button);
  }

  /** A message came that the reader doesn't see. */
  missed() {
    this.#missed += 1;
  }

  /** @param {boolean} away Whether the reader is far from the newest message. */
  show(away) {
    if (!away) this.#missed = 0;
    if (!this.button) return;
    if (!away && this.button.matches(":focus")) this.left();
    this.button.hidden = !away;
    const text = this.#missed ? plural("newMessages", this.#missed) : word("jumpToLatest");
    one(this.button, ".jump-label").textContent = text;
  }

  stop() {
    this.button?.remove();
  }
}
