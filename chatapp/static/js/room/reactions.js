import { complain } from "chatapp/dialogs";
import { all, around, fragment, hit, one } from "chatapp/dom";
import { learnNames, ShownNames } from "chatapp/people";
import { getJson, post } from "chatapp/request";
import { EmojiPicker } from "chatapp/room/emoji_picker";
import { focusRow } from "chatapp/room/keys";
import { viewerId } from "chatapp/viewer";
import { word } from "chatapp/words";

const NAMED = 12;

/** @param {HTMLElement} button @returns {number[]} The ids of those who reacted so, in their order. */
export const peopleOf = (button) => button.dataset.people.split(" ").filter(Boolean).map(Number);

/**
 * @param {Element} place The message, or the part of it where its reactions stand.
 * @param {string} emoji
 */
export const reactionWith = (place, emoji) =>
  one(place, `.reaction[data-emoji="${CSS.escape(emoji)}"]`);

/**
 * Show on a reaction whether it is also the viewer's, and who they all are.
 * @param {HTMLElement} button
 * @param {ShownNames} [shown] Where more than one is shown.
 */
export function showPeople(button, shown = new ShownNames()) {
  const people = peopleOf(button);
  button.setAttribute("aria-pressed", String(people.includes(viewerId())));
  const label = word("reactedWith", { people: names(people, shown), emoji: button.dataset.emoji });
  button.title = label;
  button.setAttribute("aria-label", `${label} (${people.length})`);
}

/**
 * Put these people on the reaction with that emoji, making or removing it as needed.
 *
 * @param {HTMLElement} footer
 * @param {string} emoji
 * @param {(people: number[]) => number[]} change
 */
export function changePeople(footer, emoji, change) {
  const button = reactionWith(footer, emoji) ?? append(footer, emoji);
  const people = change(peopleOf(button));
  button.dataset.people = people.join(" ");
  one(button, ".reaction-count").textContent = String(people.length);
  if (people.length) return showPeople(button);
  if (button.matches(":focus")) focusRow(around(button, ".message-row"));
  button.remove();
}

function append(footer, emoji) {
  const button = document.createElement("button");
  button.type = "button";
  button.className = "reaction";
  button.dataset.emoji = emoji;
  button.dataset.people = "";
  button.append(span("reaction-emoji", emoji), " ", span("reaction-count", "0"));
  footer.append(button);
  return button;
}

function span(name, text) {
  const element = document.createElement("span");
  element.className = name;
  element.textContent = text;
  return element;
}

function names(people, shown) {
  const known = people.slice(0, NAMED).map((person) => shown.of(person) ?? word("someone"));
  if (people.length > NAMED) known.push(`+${people.length - NAMED}`);
  return new Intl.ListFormat(document.documentElement.lang || "en").format(known);
}

/** The viewer's own reactions: shown at once, taken back when the server says no. */
export class Reactions {
  /** What is on its way, by message and emoji. @type {Map<string, Promise<unknown>>} */
  #queues = new Map();
  /** What the server has told of, while more is shown. @type {WeakMap<Element, {seq: string, html: string}>} */
  #told = new WeakMap();
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
    for (const each of all(article, ".reaction")) showPeople(each, shown);
  }

  /** Somebody has another name now. */
  nameAnew() {
    const shown = new ShownNames();
    for (const button of all(this.list, ".reaction")) showPeople(button, shown);
  }

  /**
   * @param {string} id Of the article, which may be replaced meanwhile.
   * @param {HTMLElement} opener
   * @param {() => void} picked
   */
  pick(id, opener, picked) {
    const put = (emoji) => {
      this.toggle(id, emoji, true);
      picked();
    };
    new EmojiPicker(put).open(opener);
  }

  /**
   * @param {string} id
   * @param {string} emoji
   * @param {boolean} [wanted] Only ever put it there; otherwise a second time takes it back.
   */
  toggle(id, emoji, wanted = false) {
    const article = document.getElementById(id);
    const mine = viewerId();
    const shown = reactionWith(article, emoji);
    const has = shown !== null && peopleOf(shown).includes(mine);
    if (has && wanted) return;
    this.#remember(article);
    const change = (people) => (has ? people.filter((each) => each !== mine) : [...people, mine]);
    changePeople(one(article, ".reactions"), emoji, change);
    this.#send(`${article.dataset.message} ${emoji}`, () => this.#say(article, emoji, !has));
  }

  /** One after the other, so that a quick change of mind ends as it was meant; nothing else waits. */
  #send(what, say) {
    const last = (this.#queues.get(what) ?? Promise.resolve()).then(say);
    this.#queues.set(what, last);
    last.then(() => this.#queues.get(what) === last && this.#queues.delete(what));
  }

  #remember(article) {
    const { seq } = article.dataset;
    if (this.#told.get(article)?.seq === seq) return;
    this.#told.set(article, { seq, html: one(article, ".reactions").innerHTML });
  }

  async #say(article, emoji, on) {
    const url = `/messages/${article.dataset.message}/reactions`;
    try {
      this.answered(await post(url, { emoji, on: on ? "1" : "0" }));
    } catch (/** @type {any} */ error) {
      this.#takeBack(article);
      complain(error.reason || word("noAnswer"));
    }
    this.#told.delete(article);
  }

  /** Where the server has told something newer meanwhile, that is shown already. */
  #takeBack(article) {
    const told = this.#told.get(article);
    if (told?.seq !== article.dataset.seq) return;
    const focused = one(article, ".reactions :focus");
    one(article, ".reactions").replaceChildren(fragment(told.html));
    if (focused) focusRow(around(article, ".message-row"));
  }
}
