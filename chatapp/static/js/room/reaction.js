import { all, around, one } from "chatapp/dom";
import { ShownNames } from "chatapp/people";
import { keepFocus } from "chatapp/room/keys";
import { viewerId } from "chatapp/viewer";
import { word } from "chatapp/words";

/*
 * A reaction is a button: `data-people` are those of whom the server has told, `data-wished` ("on" or
 * "off") is what the viewer wants of it that the server has not answered yet.
 */

const NAMED = 12;

/** @param {HTMLElement} button @returns {number[]} The ids of those who react so, in their order. */
export function peopleOf(button) {
  const told = toldOf(button);
  const { wished } = button.dataset;
  const mine = viewerId();
  if (wished === "off") return told.filter((each) => each !== mine);
  return wished === "on" && !told.includes(mine) ? [...told, mine] : told;
}

/**
 * Show on a reaction how many people react so, whether the viewer does, and who they are.
 * @param {HTMLElement} button
 * @param {ShownNames} [shown] Where more than one is shown.
 */
export function showReaction(button, shown = new ShownNames()) {
  const people = peopleOf(button);
  button.hidden = people.length === 0;
  one(button, ".reaction-count").textContent = String(people.length);
  button.setAttribute("aria-pressed", String(people.includes(viewerId())));
  const label = word("reactedWith", { people: names(people, shown), emoji: button.dataset.emoji });
  button.title = label;
  button.setAttribute("aria-label", `${label} (${people.length})`);
}

/**
 * Show what the viewer wants, before the server has heard of it.
 *
 * @param {HTMLElement} article
 * @param {string} emoji
 * @param {boolean} on
 */
export function showWish(article, emoji, on) {
  const button = reactionOf(article, emoji) ?? append(one(article, ".reactions"), emoji);
  button.dataset.wished = on ? "on" : "off";
  keepFocus(around(article, ".message-row"), () => showReaction(button));
}

/**
 * The server has answered: from now on its word is shown.
 * @param {HTMLElement} button
 */
export function endWish(button) {
  delete button.dataset.wished;
  keepFocus(around(button, ".message-row"), () => {
    if (toldOf(button).length) showReaction(button);
    else button.remove();
  });
}

/**
 * Show what the server tells of a message's reactions now. Buttons that are there stay, for somebody
 * may be about to press them, and so does what the viewer wants.
 *
 * @param {HTMLElement} footer
 * @param {HTMLElement} told
 */
export function renewReactions(footer, told) {
  const known = new Map(all(footer, ".reaction").map((each) => [each.dataset.emoji, each]));
  const fresh = new Map(all(told, ".reaction").map((each) => [each.dataset.emoji, each]));
  for (const [emoji, button] of known) if (!fresh.has(emoji)) tellOfNobody(button);
  let place = footer.firstElementChild;
  for (const [emoji, button] of fresh) {
    const mine = known.get(emoji) ?? button;
    mine.dataset.people = button.dataset.people;
    if (mine === place) place = place.nextElementSibling;
    else footer.insertBefore(mine, place);
  }
  const shown = new ShownNames();
  for (const button of all(footer, ".reaction")) showReaction(button, shown);
}

/** @param {HTMLElement} article @param {string} emoji */
export const reactionOf = (article, emoji) =>
  one(article, `.reaction[data-emoji="${CSS.escape(emoji)}"]`);

const toldOf = (button) => button.dataset.people.split(" ").filter(Boolean).map(Number);

function tellOfNobody(button) {
  if (!("wished" in button.dataset)) return button.remove();
  button.dataset.people = "";
  // It comes after those that are stored.
  button.parentElement.append(button);
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
