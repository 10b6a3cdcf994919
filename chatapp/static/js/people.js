import { all } from "chatapp/dom";
import { listen } from "chatapp/live";
import { viewerId } from "chatapp/viewer";
import { word } from "chatapp/words";

/** Where in the workspace's changes the newest name stands that this window has heard. */
let newest = 0;

/** A room's page that was made before that place, and is shown after, may have an old name. */
export const newestName = () => newest;

/** Show new display names everywhere, as they are taken. */
export function showNames() {
  listen("person", (person) => {
    newest = Math.max(newest, person.workspace);
    rename(person);
  });
}

/**
 * Somebody shows another name.
 * @param {{user: number, name: string, initials: string}} person
 */
export function rename({ user, name, initials }) {
  if (learned.has(user)) learned.set(user, name);
  for (const element of document.querySelectorAll(`[data-name-of="${user}"]`)) {
    element.textContent = name;
  }
  for (const element of document.querySelectorAll(`[data-initials-of="${user}"]`)) {
    element.textContent = initials;
  }
}

/** Names that were asked for. @type {Map<number, string>} */
const learned = new Map();

/**
 * Know people whom the page shows nowhere.
 * @param {{id: number, name: string}[]} people
 */
export function learnNames(people) {
  for (const { id, name } of people) learned.set(id, name);
}

/** The names that the page shows at this moment: looked up once, for many. */
export class ShownNames {
  /** @type {Map<number, string> | undefined} */ #names;

  /** @param {ParentNode[]} more What is about to be shown. */
  constructor(...more) {
    this.places = [document, ...more];
  }

  /**
   * A person's name, undefined where the page shows it nowhere and nobody has asked for it.
   * @param {number} user
   */
  of(user) {
    this.#names ??= shownNames(this.places);
    return this.#names.get(user) ?? learned.get(user);
  }
}

function shownNames(places) {
  const names = new Map();
  const shown = places.flatMap((place) => all(place, "[data-name-of]"));
  for (const { dataset, textContent } of shown) {
    const user = Number(dataset.nameOf);
    if (textContent && !names.has(user)) names.set(user, textContent);
  }
  return names;
}

/** @type {Map<number, string> | null} */
let states = null;

/** Show who is online, from the socket, wherever an element has `data-presence-of`. */
export function showPresence() {
  listen("welcome", ({ presence }) => {
    // Who hears this is there, though the server counts only once a second.
    states = new Map([[viewerId(), "online"]]);
    learn(presence);
  });
  listen("presence", learn);
}

/**
 * Bring newly made elements up to date.
 * @param {ParentNode} [root]
 */
export function paintPresence(root = document) {
  if (!states) return;
  for (const mark of all(root, "[data-presence-of]")) {
    paint(mark, states.get(Number(mark.dataset.presenceOf)) ?? "offline");
  }
}

function learn(presence) {
  for (const state of ["online", "away", "offline"]) {
    for (const person of presence[state] ?? []) states?.set(person, state);
  }
  paintPresence();
}

function paint(mark, state) {
  // A row that has just come has its label in the language of whoever let that person in.
  const label = word(state);
  if (mark.dataset.state === state && mark.getAttribute("aria-label") === label) return;
  mark.dataset.state = state;
  mark.setAttribute("aria-label", label);
}
