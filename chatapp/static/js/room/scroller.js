import { all } from "chatapp/dom";

/** So near the end, the reader wants to see what comes. In CSS pixels. */
const AT_END = 100;

/** Keeps a scrolling timeline where its reader is: at the end, or at the row they look at. */
export class Scroller {
  /** Whether the end is followed as it moves. */
  stuck = true;
  /** Whether the end of the list is the end of the room; there is nothing to follow otherwise. */
  live = true;

  /**
   * @param {HTMLElement} element What scrolls.
   * @param {HTMLElement} list What is in it.
   * @param {() => void} onMove
   */
  constructor(element, list, onMove) {
    this.element = element;
    this.list = list;
    element.addEventListener(
      "scroll",
      () => {
        this.#look();
        onMove();
      },
      { passive: true },
    );
    // Images load, the composer grows, the window turns.
    this.observer = new ResizeObserver(() => this.stuck && this.toEnd());
    this.observer.observe(element);
    this.observer.observe(list);
  }

  stop() {
    this.observer.disconnect();
  }

  get above() {
    return this.element.scrollTop;
  }

  get below() {
    const { scrollHeight, scrollTop, clientHeight } = this.element;
    return scrollHeight - scrollTop - clientHeight;
  }

  /** Where among the rows the reader is: 0 at the first, 1 at the last. */
  get place() {
    const rows = all(this.list, ".message-row");
    return rows.indexOf(/** @type {any} */ (this.#anchor())) / rows.length;
  }

  toEnd() {
    this.element.scrollTop = this.element.scrollHeight;
    this.#look();
  }

  /** @param {HTMLElement} row Brought to the middle; one that is higher than the view, to its beginning. */
  toRow(row) {
    const fits = row.offsetHeight <= this.element.clientHeight;
    row.scrollIntoView({ block: fits ? "center" : "start" });
    this.#look();
  }

  /**
   * Change the list without moving what the reader sees, or following the end.
   * @param {() => void} change
   */
  keep(change) {
    if (this.stuck && this.live) {
      change();
      this.toEnd();
      return;
    }
    const anchor = this.#anchor();
    const before = anchor?.getBoundingClientRect().top;
    change();
    if (anchor?.isConnected) {
      this.element.scrollTop += anchor.getBoundingClientRect().top - before;
    }
    this.#look();
  }

  /**
   * Change the list while this element stays where it is, whatever comes below it.
   *
   * @param {HTMLElement} element
   * @param {() => void} change
   */
  hold(element, change) {
    const before = element.getBoundingClientRect().top;
    change();
    this.element.scrollTop += element.getBoundingClientRect().top - before;
    this.#look();
  }

  #anchor() {
    const top = this.element.getBoundingClientRect().top;
    return all(this.list, ".message-row").find((row) => row.getBoundingClientRect().bottom > top);
  }

  #look() {
    this.stuck = this.live && this.below <= AT_END;
  }
}
