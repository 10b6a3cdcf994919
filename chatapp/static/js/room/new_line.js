import { one } from "chatapp/dom";
import { articleOf, isMine, numberOf } from "chatapp/room/message";
import { word } from "chatapp/words";

/** The thin line before the first message that the viewer hadn't seen. */
export class NewLine {
  #reached = false;
  #wasAbove = false;

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
    this.#reached = this.#wasAbove = false;
    this.draw();
  }

  /** Other rows are on the page. */
  draw() {
    if (this.after === Infinity || this.element || this.isBefore) return;
    this.#firstAfter(this.after)?.before(line());
  }

  /**
   * Whether what others have said after the message with this number begins above what is in view.
   * @param {number} number
   */
  wouldBeAbove(number) {
    const { moreBefore, rows, element } = this.timeline;
    if (moreBefore && rows.first > number + 1) return true;
    const first = this.#firstAfter(number);
    return first !== undefined && topOf(first) < topOf(element);
  }

  /** The reader looks at what is in view: the line has been there, or was passed on the way up. */
  look() {
    if (this.#reached || this.after === Infinity) return;
    const line = this.element;
    const { top, bottom } = this.timeline.element.getBoundingClientRect();
    const place = line && topOf(line);
    if (place === null) this.#wasAbove = this.isBefore;
    else if (place < top) this.#wasAbove = true;
    else if (place < bottom || this.#wasAbove) this.#reached = true;
  }

  #firstAfter(number) {
    const isUnread = (row) => numberOf(articleOf(row)) > number && !isMine(articleOf(row));
    return this.timeline.rows.all().find(isUnread);
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
