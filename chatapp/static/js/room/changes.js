import { one } from "chatapp/dom";
import { epoch } from "chatapp/viewer";
import { rename } from "chatapp/persons";
import { getJson } from "chatapp/request";
import { addPerson, removePerson, replacePeople } from "chatapp/room/people_pane";

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
  return getJson(`/rooms/${room}/changes?${query}`);
}

/** @param {{name: string, topic: string}} room */
export function showDetails({ name, topic }) {
  const before = one(document, "[data-room-name]")?.textContent;
  write("[data-room-name]", name);
  write("[data-room-topic]", topic);
  if (before) document.title = document.title.replace(before, name);
}

/** @param {{change: string, user: number, html: string}} member */
export function showMember({ change, user, html }) {
  if (change === "joined") addPerson(user, html);
  else removePerson(user);
}

/** @param {any} page A page of the catch-up, its messages apart. */
export function showMissed({ room, persons }) {
  if (room) {
    showDetails(room);
    replacePeople(room.people_html);
  }
  for (const person of persons) rename(person);
}

function write(place, text) {
  const element = one(document, place);
  if (element) element.textContent = text;
}
