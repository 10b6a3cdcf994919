import { one } from "chatapp/dom";
import { articleOf, isMine, numberOf } from "chatapp/room/message";
import { word } from "chatapp/words";

/** The thin line before the first message that the viewer hadn't seen. */
export class NewLine {
  /** @param {import("chatapp/room/timeline").Timeline} timeline */
  constructor(timeline) {
    this.timeline = timeline;
    this.after = Infinity;
  }

  get element() {
    return one(this.timeline.list, ".new-line");
  }

  /**
   * Stand after the message with this number, if that place is on the page.
   * @param {number} number
   */
  place(number) {
    this.after = number;
    this.element?.remove();
    const rows = this.timeline.rows;
    const isUnread = (row) => numberOf(articleOf(row)) > number && !isMine(articleOf(row));
    const first = rows.all().find(isUnread);
    const knows = rows.first <= number + 1 || !this.timeline.moreBefore;
    if (first && knows) first.before(line());
  }

  remove() {
    this.after = Infinity;
    this.element?.remove();
  }
}

function line() {
  const element = document.createElement("li");
  element.className = "new-line";
  element.setAttribute("role", "none");
  const text = document.createElement("span");
  text.textContent = word("newLine");
  element.append(text);
  return element;
}
