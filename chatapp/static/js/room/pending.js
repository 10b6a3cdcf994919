import { confirmed } from "chatapp/dialogs";
import { all, around, hit, one, part } from "chatapp/dom";
import { hush } from "chatapp/room/hush";
import { focusRow } from "chatapp/room/keys";
import { articleOf, isStored, quoteOf } from "chatapp/room/message";
import { viewerId } from "chatapp/viewer";
import { word } from "chatapp/words";

/** The copies of what is on its way, at the end of the timeline until the server has answered. */
export class Pending {
  /**
   * @param {import("chatapp/room/timeline").Timeline} timeline
   * @param {import("chatapp/outbox").Outbox} outbox
   * @param {() => void} left The copy that had the focus was given up.
   */
  constructor(timeline, outbox, left) {
    this.timeline = timeline;
    this.outbox = outbox;
    this.left = left;
    timeline.list.addEventListener("click", (event) => this.#clicked(event));
  }

  /** Draw the outbox of this room as it is now. */
  draw() {
    const entries = this.outbox.entries(this.timeline.room);
    this.timeline.scroller.keep(() => {
      this.#dropDiscarded(entries);
      for (const entry of entries) this.#draw(entry);
    });
  }

  /**
   * A failed copy whose entry is gone was given up. One that waited was sent: its message comes, but
   * not into a window on the past.
   */
  #dropDiscarded(entries) {
    const keys = new Set(entries.map(({ key }) => key));
    const gone = this.timeline.live ? ".is-failed" : ".is-failed, .is-pending";
    for (const article of all(this.timeline.list, gone)) {
      if (!keys.has(article.dataset.key))
        this.timeline.rows.remove(around(article, ".message-row"));
    }
  }

  #draw(entry) {
    const id = `message-${viewerId()}-${entry.key}`;
    const row = this.timeline.rows.row(id) ?? this.#make(id, entry);
    if (row && !isStored(articleOf(row))) paint(articleOf(row), entry);
  }

  #make(id, entry) {
    const row = part("message-template");
    if (!row) return null;
    const article = articleOf(row);
    hush(article);
    row.classList.remove("is-pending");
    article.id = id;
    article.dataset.key = entry.key;
    article.dataset.posted = entry.posted;
    one(article, "time").setAttribute("datetime", entry.posted);
    const text = document.createElement("p");
    text.className = "pending-text";
    text.textContent = entry.body;
    one(article, ".message-body").append(text);
    this.timeline.rows.insert(row);
    return row;
  }

  #clicked(event) {
    const action = hit(event, "[data-action]")?.dataset.action;
    const article = hit(event, ".message");
    if (action === "retry") {
      // The button goes.
      focusRow(around(event.target, ".message-row"));
      this.outbox.retry(article.dataset.key);
    } else if (action === "discard") {
      this.#discard(article);
    }
  }

  /** Nothing else has its text. */
  async #discard(article) {
    const question = { title: word("deleteMessage"), quote: quoteOf(article) };
    if (!(await confirmed({ ...question, action: word("delete") }))) return;
    this.outbox.discard(article.dataset.key);
    this.left();
  }
}

function paint(article, { state, reason }) {
  const failed = state === "failed";
  article.classList.toggle("is-pending", !failed);
  article.classList.toggle("is-failed", failed);
  const shown = one(article, ".message-failure");
  if (!failed) {
    shown?.remove();
    return;
  }
  const failure = shown ?? part("message-failure");
  if (!failure) return;
  one(failure, ".message-failure-reason").textContent = reason || word("notSent");
  if (!shown) article.append(failure);
}
