import { hit, part } from "chatapp/dom";

/** The way to the first unread message, where that is above what the reader sees. */
export class UnreadBar {
  /**
   * @param {HTMLElement} timeline It stands over the beginning of that.
   * @param {object} does
   * @param {() => void} does.jump
   * @param {() => void} does.markRead
   * @param {() => void} does.left The focus was in the bar, which is gone.
   */
  constructor(timeline, { jump, markRead, left }) {
    this.left = left;
    this.element = part("unread-bar");
    this.element?.addEventListener("click", (event) => {
      const action = hit(event, "[data-action]")?.dataset.action;
      if (action === "jump") jump();
      else if (action === "mark-read") markRead();
    });
    if (this.element) timeline.before(this.element);
  }

  /** @param {boolean} above Whether there is something to go to. */
  show(above) {
    if (!this.element || this.element.hidden === !above) return;
    if (!above && this.element.matches(":focus-within")) this.left();
    this.element.hidden = !above;
  }

  stop() {
    this.element?.remove();
  }
}
