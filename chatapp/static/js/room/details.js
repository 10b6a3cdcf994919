import { all, fragment, one } from "chatapp/dom";
import { paintPresence, rename } from "chatapp/people";
import { getJson } from "chatapp/request";
import { retitle } from "chatapp/unread";
import { epoch } from "chatapp/viewer";
import { word } from "chatapp/words";

/** The server lists so many (domain/memberships.py), and leads to the others. */
const LISTED = 50;

/** The list of the room's people beside it, in the order of their accounts. */
const list = () => one(document, ".people[data-people]");

/**
 * The whole list anew.
 * @param {string} html
 * @param {number} people How many there are: the list may be cut.
 */
export function replacePeople(html, people) {
  list()?.replaceChildren(fragment(html));
  settle(people);
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
  if (later || !one(document, ".people-more:not([hidden])"))
    people.insertBefore(fragment(html), later ?? null);
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
  if (list()) paintPresence(list());
  for (const place of all(document, "[data-people-count]")) place.textContent = String(people);
  const rows = list() ? all(list(), "[data-person]") : [];
  for (const row of rows.slice(LISTED)) row.remove();
  const more = one(document, ".people-more");
  if (more) more.hidden = Math.min(rows.length, LISTED) >= people;
}

/**
 * A page of what a room's page has missed.
 *
 * @param {number} room
 * @param {{seq: number, workspace: number}} have
 */
export function fetchChanges(room, { seq, workspace }) {
  const query = new URLSearchParams({
    since: String(seq),
    workspace: String(workspace),
    epoch: epoch(),
  });
  return getJson(`/rooms/${room}/changes?${query}`, { again: true });
}

/** @param {{name: string, topic: string}} room */
export function showDetails({ name, topic }) {
  write("[data-room-name]", name);
  write("[data-room-topic]", topic);
  retitle(name);
  const label = word("messageTo", { room: name });
  write('label[for="composer-body"]', label);
  one(document, "#composer-body")?.setAttribute("placeholder", label);
}

/** @param {{change: string, user: number, html: string}} member */
export function showMember({ change, user, html }) {
  if (change === "joined") addPerson(user, html);
  else removePerson(user);
}

/** @param {any} room What the catch-up says of it. */
export function showRoom(room) {
  showDetails(room);
  replacePeople(room.people_html, room.people_count);
}

/** @param {any[]} persons Whoever has another name now. */
export function renameAll(persons) {
  for (const person of persons) rename(person);
}

function write(place, text) {
  const element = one(document, place);
  if (element) element.textContent = text;
}
