import { all } from "chatapp/dom";
import { listen } from "chatapp/live";
import { word } from "chatapp/words";

/** @type {Map<number, string> | null} */
let states = null;

/** Show who is online, from the socket, wherever an element has `data-presence-of`. */
export function showPresence() {
  listen("welcome", ({ presence }) => {
    states = new Map();
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
  if (mark.dataset.state === state) return;
  mark.dataset.state = state;
  mark.setAttribute("aria-label", word(state));
}
