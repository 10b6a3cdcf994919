import { one } from "chatapp/dom";
import { nameOf } from "chatapp/persons";
import { viewerId } from "chatapp/viewer";
import { word } from "chatapp/words";

const NAMED = 12;

/** @param {HTMLElement} button @returns {number[]} The ids of those who reacted so, in their order. */
export const peopleOf = (button) => button.dataset.people.split(" ").filter(Boolean).map(Number);

/**
 * Show on a reaction whether it is also the viewer's, and who they all are.
 * @param {HTMLElement} button
 */
export function showPeople(button) {
  const people = peopleOf(button);
  button.setAttribute("aria-pressed", String(people.includes(viewerId())));
  const label = word("reactedWith", { people: names(people), emoji: button.dataset.emoji });
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
  const button = one(footer, `[data-emoji="${CSS.escape(emoji)}"]`) ?? append(footer, emoji);
  const people = change(peopleOf(button));
  button.dataset.people = people.join(" ");
  one(button, ".reaction-count").textContent = String(people.length);
  if (people.length) showPeople(button);
  else button.remove();
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

function names(people) {
  const known = people.slice(0, NAMED).map((person) => nameOf(person) ?? word("someone"));
  if (people.length > NAMED) known.push(`+${people.length - NAMED}`);
  return new Intl.ListFormat(document.documentElement.lang || "en").format(known);
}
