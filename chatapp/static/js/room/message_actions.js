import { copy } from "chatapp/clipboard";
import { complain, confirmed } from "chatapp/dialogs";
import { post } from "chatapp/request";
import { ActionBar } from "chatapp/room/action_bar";
import { Editing } from "chatapp/room/editing";
import { focusRow } from "chatapp/room/keys";
import { articleOf, isDeleted, isMine, quoteOf } from "chatapp/room/message";
import { Reactions } from "chatapp/room/reactions";
import { word } from "chatapp/words";

/**
 * Ask, and delete a message. Gives the server's answer, or null.
 * @param {HTMLElement} article
 */
export async function deleteMessage(article) {
  const quote = quoteOf(article);
  const title = word("deleteMessage");
  if (
    !(await confirmed({ title, text: word("deleteMessageText"), quote, action: word("delete") }))
  ) {
    return null;
  }
  return post(`/messages/${article.dataset.message}/delete`, {}).catch(({ reason }) => {
    complain(reason || word("noAnswer"));
    return null;
  });
}

/** What a person can do with a message: react, edit, delete, copy its link. */
export class MessageActions {
  /**
   * @param {import("chatapp/room/timeline").Timeline} timeline
   * @param {object} options
   * @param {(answer: any) => void} options.answered The server has made a change.
   * @param {() => void} options.left Nothing of this has the focus any more.
   */
  constructor(timeline, { answered, left }) {
    this.timeline = timeline;
    this.answered = answered;
    this.bar = new ActionBar(timeline.list, (action, row, button) =>
      this.#act(action, row, button),
    );
    this.reactions = new Reactions(timeline.list, answered);
    this.editing = new Editing({ answered, left, emptied: (id) => this.#delete(id) });
  }

  /**
   * Begin to edit the viewer's newest message on the page; false when there is none. One that is
   * still on its way can't be changed, and the one before it is not what they mean.
   */
  editLast() {
    const articles = this.timeline.rows.all().map(articleOf);
    const last = articles.findLast((each) => isMine(each) && !isDeleted(each));
    if (last?.dataset.message) this.#edit(last.id);
    return Boolean(last);
  }

  #act(action, row, button) {
    const article = articleOf(row);
    const done = () => this.bar.done(row);
    const picking = { picked: done, closed: () => this.bar.release() };
    if (action === "react") this.reactions.pick(article.id, button, picking);
    else if (action === "edit") this.#edit(article.id);
    else if (action === "delete") this.#delete(article.id);
    else this.#copy(article, button).then(done);
  }

  #copy(article, button) {
    return copy(new URL(`/messages/${article.dataset.message}`, location.href).href, button);
  }

  #edit(id) {
    this.bar.hide();
    this.editing.begin(id);
  }

  async #delete(id) {
    const answer = await deleteMessage(document.getElementById(id));
    if (!answer) return;
    this.bar.hide();
    this.answered(answer);
    // The button that had the focus is gone.
    if (document.activeElement === document.body) focusRow(this.timeline.rows.row(id));
  }
}
