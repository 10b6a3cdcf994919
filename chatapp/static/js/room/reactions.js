import { complain } from "chatapp/dialogs";
import { all, around, hit, one } from "chatapp/dom";
import { learnNames, ShownNames } from "chatapp/people";
import { getJson, post } from "chatapp/request";
import { EmojiPicker } from "chatapp/room/emoji_picker";
import { endWish, peopleOf, reactionOf, showReaction, showWish } from "chatapp/room/reaction";
import { Wishes } from "chatapp/room/wishes";
import { viewerId } from "chatapp/viewer";
import { word } from "chatapp/words";

/** The viewer's own reactions: shown at once, taken back when the server says no. */
export class Reactions {
  #wishes = new Wishes();
  /** Whose people were asked for, and at which seq. @type {WeakMap<Element, string>} */
  #asked = new WeakMap();

  /**
   * @param {HTMLElement} list
   * @param {(answer: any) => void} answered
   */
  constructor(list, answered) {
    this.list = list;
    this.answered = answered;
    list.addEventListener("click", (event) => {
      const button = hit(event, ".reaction");
      if (button) this.toggle(button.closest(".message").id, button.dataset.emoji);
    });
    for (const look of ["pointerover", "focusin"]) {
      list.addEventListener(look, (event) => this.#name(hit(event, ".reaction")));
    }
  }

  /** In a large room the page knows few of its people: who looks at a reaction asks for their names. */
  async #name(button) {
    const article = button && around(button, ".message");
    if (!article || !button.title.includes(word("someone"))) return;
    const { seq, message } = article.dataset;
    if (this.#asked.get(article) === seq) return;
    this.#asked.set(article, seq);
    const told = await getJson(`/messages/${message}/reactions`).catch(() => null);
    // Whoever looks again asks again.
    if (!told) return this.#asked.delete(article);
    learnNames(told.people);
    const shown = new ShownNames();
    for (const each of all(article, ".reaction")) showReaction(each, shown);
  }

  /** Somebody has another name now. */
  nameAnew() {
    const shown = new ShownNames();
    for (const button of all(this.list, ".reaction")) showReaction(button, shown);
  }

  /**
   * @param {string} id Of the article, which may be replaced meanwhile.
   * @param {HTMLElement} opener
   * @param {object} on
   * @param {() => void} on.picked
   * @param {() => void} on.closed With or without.
   */
  pick(id, opener, { picked, closed }) {
    const put = (emoji) => {
      this.toggle(id, emoji, true);
      picked();
    };
    new EmojiPicker({ picked: put, closed }).open(opener);
  }

  /**
   * @param {string} id
   * @param {string} emoji
   * @param {boolean} [wanted] Only ever put it there; otherwise a second time takes it back.
   */
  toggle(id, emoji, wanted = false) {
    const article = document.getElementById(id);
    const shown = reactionOf(article, emoji);
    const has = shown !== null && peopleOf(shown).includes(viewerId());
    if (has && wanted) return;
    showWish(article, emoji, !has);
    this.#say(article.dataset.message, emoji, !has);
  }

  async #say(message, emoji, on) {
    const url = `/messages/${message}/reactions`;
    const say = async (wish) => this.answered(await post(url, { emoji, on: wish ? "1" : "0" }));
    const end = await this.#wishes.wish(`${message} ${emoji}`, on, say);
    if (!end) return;
    const article = one(this.list, `.message[data-message="${message}"]`);
    const button = article && reactionOf(article, emoji);
    if (button) endWish(button);
    if (end.refusal) complain(end.refusal.reason || word("noAnswer"));
  }
}
