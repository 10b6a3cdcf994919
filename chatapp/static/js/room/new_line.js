import { one } from "chatapp/dom";
import { articleOf, isMine, numberOf } from "chatapp/room/message";
import { word } from "chatapp/words";

/** The thin line before the first message that the viewer hadn't seen. */
export class NewLine {
  #reached = false;

  /** @param {import("chatapp/room/timeline").Timeline} timeline */
  constructor(timeline) {
    this.timeline = timeline;
    this.after = Infinity;
  }

  get element() {
    return one(this.timeline.list, ".new-line");
  }

  /** Whether the reader, who has not come to its place yet, has to look for it above. */
  get isAbove() {
    if (this.#reached || this.after === Infinity) return false;
    const line = this.element;
    return line ? topOf(line) < topOf(this.timeline.element) : this.isBefore;
  }

  /** Whether its place is before all that is on the page. */
  get isBefore() {
    return this.timeline.moreBefore && this.timeline.rows.first > this.after + 1;
  }

  /**
   * Stand after the message with this number: now, or once that place is on the page.
   * @param {number} number
   */
  place(number) {
    this.element?.remove();
    this.after = number;
    this.#reached = false;
    this.draw();
  }

  /** Other rows are on the page. */
  draw() {
    if (this.after === Infinity || this.element || this.isBefore) return;
    const isUnread = (row) => numberOf(articleOf(row)) > this.after && !isMine(articleOf(row));
    this.timeline.rows.all().find(isUnread)?.before(line());
  }

  /** The reader looks at what is in view. */
  look() {
    if (this.element && !this.isAbove) this.#reached = true;
  }

  remove() {
    this.after = Infinity;
    this.element?.remove();
  }
}

const topOf = (element) => element.getBoundingClientRect().top;

function line() {
  const element = document.createElement("li");
  element.className = "new-line";
  element.setAttribute("role", "none");
  const text = document.createElement("span");
  text.textContent = word("newLine");
  element.append(text);
  return element;
}
