import { all, hasTouch, hit, one, part } from "chatapp/dom";
import { focusRow } from "chatapp/room/keys";
import { articleOf, isDeleted, isMine } from "chatapp/room/message";
import { isAdmin } from "chatapp/viewer";

const LONG_PRESS = 500;
const STILL = 10;

/** The one bar of actions, placed in the row that the pointer, the focus or a long press is at. */
export class ActionBar {
  /** @type {HTMLElement | null} */ #row = null;
  #end = new AbortController();

  /**
   * @param {HTMLElement} list
   * @param {(action: string, row: HTMLElement, button: HTMLElement) => void} act
   */
  constructor(list, act) {
    this.bar = part("message-actions");
    if (!this.bar) return;
    this.bar.setAttribute("aria-live", "off");
    list.addEventListener(
      "pointerover",
      (event) => event.pointerType !== "touch" && this.#at(rowOf(event)),
    );
    // What a finger presses has the focus, too: there only a long press asks for the bar.
    list.addEventListener("focusin", (event) => isByKeyboard(event) && this.#at(rowOf(event)));
    // A finger leaves whenever it is lifted.
    list.addEventListener(
      "pointerleave",
      (event) => event.pointerType !== "touch" && this.#leave(),
    );
    this.bar.addEventListener("click", (event) => {
      const button = hit(event, "[data-action]");
      if (button) act(button.dataset.action, this.#row, button);
    });
    this.bar.addEventListener("keydown", (event) => this.#key(event));
    this.#feelLongPress(list);
    this.#feelElsewhere();
  }

  stop() {
    this.#end.abort();
  }

  /**
   * What was asked for is done. On touch nothing would wander off, and the composer is under the bar.
   * @param {HTMLElement} row The bar may be at another one since.
   */
  done(row) {
    if (hasTouch() && row === this.#row) this.hide();
  }

  /** The panel that hung on it is closed: it stays where the pointer or the keyboard is. */
  release() {
    if (!hasTouch() && !this.#row?.matches(":hover")) this.#leave();
  }

  /** The keyboard's focus goes from it to its row. */
  hide() {
    if (this.#row && hasKeyboard(this.bar)) focusRow(this.#row);
    this.#row?.classList.remove("is-active");
    this.#row = null;
    this.bar?.remove();
  }

  #at(row) {
    if (row && row !== this.#row) this.#place(row);
  }

  #place(row) {
    const article = articleOf(row);
    if (this.#isHeld(this.bar)) return;
    this.hide();
    if (!article.dataset.message || isDeleted(article) || one(article, ".message-editor")) return;
    const may = {
      react: true,
      copy: true,
      edit: isMine(article),
      delete: isMine(article) || isAdmin(),
    };
    for (const button of all(this.bar, "[data-action]")) {
      button.hidden = !may[button.dataset.action];
      // What was done at another row.
      button.classList.remove("is-done");
    }
    this.#row = row;
    row.append(this.bar);
  }

  #leave() {
    if (this.#row && !this.#isHeld(this.#row)) this.hide();
  }

  /** The focus of a keyboard stays where it is while the pointer wanders, and so does what a panel hangs on. */
  #isHeld(element) {
    return hasKeyboard(element) || one(this.bar, "[aria-expanded=true]") !== null;
  }

  #key(event) {
    const by = { ArrowRight: 1, ArrowLeft: -1 }[event.key];
    if (!by) return;
    const buttons = all(this.bar, "[data-action]:not([hidden])");
    const at = buttons.indexOf(/** @type {HTMLElement} */ (document.activeElement));
    buttons[(at + by + buttons.length) % buttons.length].focus();
    event.preventDefault();
  }

  #feelLongPress(list) {
    let timer = null;
    let start = null;
    list.addEventListener("pointerdown", (event) => {
      if (event.pointerType !== "touch") return;
      start = event;
      // What is pressed may be replaced meanwhile, in its row.
      const row = rowOf(event);
      timer = setTimeout(() => this.#press(row), LONG_PRESS);
    });
    const end = () => clearTimeout(timer);
    list.addEventListener("pointermove", (event) => {
      if (start && Math.hypot(event.x - start.x, event.y - start.y) > STILL) end();
    });
    for (const over of ["pointerup", "pointercancel"]) list.addEventListener(over, end);
  }

  /** A finger that goes on with something else, wherever that is, is done with the bar. */
  #feelElsewhere() {
    const feel = (event) => {
      const isHere = hit(event, ".message-actions, .emoji-picker");
      if (event.pointerType === "touch" && !isHere) this.hide();
    };
    document.addEventListener("pointerdown", feel, { signal: this.#end.signal });
  }

  #press(row) {
    this.#at(row);
    this.#row?.classList.add("is-active");
  }
}

const rowOf = (event) => hit(event, ".message-row");

const isByKeyboard = ({ target }) => target.matches(":focus-visible");

/** Whether a keyboard is at work in it: what the mouse has pressed has the focus, too. */
const hasKeyboard = (element) =>
  element.contains(document.activeElement) && document.activeElement.matches(":focus-visible");
