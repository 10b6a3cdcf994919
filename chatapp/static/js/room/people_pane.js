import { all, one } from "chatapp/dom";
import { fragment } from "chatapp/fragment";
import { paintPresence } from "chatapp/presence";

/** The list of the room's people beside it, in the order of their accounts. */
const list = () => one(document, ".people[data-people]");

/**
 * The whole list anew.
 * @param {string} html
 */
export function replacePeople(html) {
  list()?.replaceChildren(fragment(html));
  settle(all(document, ".people [data-person]").length);
}

/**
 * @param {number} user
 * @param {string} html Their row.
 */
export function addPerson(user, html) {
  const people = list();
  if (!people || row(user)) return;
  const later = all(people, "[data-person]").find(({ dataset }) => Number(dataset.person) > user);
  // Where only the first ones are listed, a later one isn't.
  if (later || !one(document, ".people-more")) people.insertBefore(fragment(html), later ?? null);
  settle(count() + 1);
}

/** @param {number} user */
export function removePerson(user) {
  row(user)?.remove();
  settle(count() - 1);
}

const row = (user) => list() && one(list(), `[data-person="${user}"]`);

const count = () => Number(one(document, "[data-people-count]")?.textContent ?? 0);

function settle(people) {
  // A list that is cut has its number from the server.
  if (list()) paintPresence(list());
  for (const place of all(document, "[data-people-count]")) place.textContent = String(people);
}
