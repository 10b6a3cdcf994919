import { all, hit, one } from "chatapp/dom";
import { fragment } from "chatapp/fragment";
import { post } from "chatapp/request";
import { EmojiPicker } from "chatapp/room/emoji_picker";
import { changePeople, peopleOf, showPeople } from "chatapp/room/reaction_button";
import { viewerId } from "chatapp/viewer";

/** The viewer's own reactions: shown at once, taken back when the server says no. */
export class Reactions {
  /** @type {Promise<unknown>} */ #queue = Promise.resolve();

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
  }

  /** Somebody has another name now. */
  nameAnew() {
    for (const button of all(this.list, ".reaction")) showPeople(button);
  }

  /**
   * @param {string} id Of the article, which may be replaced meanwhile.
   * @param {HTMLElement} opener
   */
  pick(id, opener) {
    new EmojiPicker((emoji) => this.toggle(id, emoji, true)).open(opener);
  }

  /**
   * @param {string} id
   * @param {string} emoji
   * @param {boolean} [wanted] Only ever put it there; otherwise a second time takes it back.
   */
  toggle(id, emoji, wanted = false) {
    const article = document.getElementById(id);
    const mine = viewerId();
    const shown = one(article, `.reaction[data-emoji="${CSS.escape(emoji)}"]`);
    const has = shown !== null && peopleOf(shown).includes(mine);
    if (has && wanted) return;
    const before = one(article, ".reactions").innerHTML;
    const change = (people) => (has ? people.filter((each) => each !== mine) : [...people, mine]);
    changePeople(one(article, ".reactions"), emoji, change);
    // One after the other, so that a quick change of mind ends as it was meant.
    this.#queue = this.#queue.then(() => this.#say(article, emoji, !has, before));
  }

  async #say(article, emoji, on, before) {
    const url = `/messages/${article.dataset.message}/reactions`;
    try {
      this.answered(await post(url, { emoji, on: on ? "1" : "0" }));
    } catch {
      one(article, ".reactions").replaceChildren(fragment(before));
    }
  }
}
