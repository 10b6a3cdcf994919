import { listen } from "chatapp/live";

/** Show new display names everywhere, as they are taken. */
export function showNames() {
  listen("person", rename);
}

/**
 * Somebody shows another name.
 * @param {{user: number, name: string, initials: string}} person
 */
export function rename({ user, name, initials }) {
  for (const element of document.querySelectorAll(`[data-name-of="${user}"]`)) {
    element.textContent = name;
  }
  for (const element of document.querySelectorAll(`[data-initials-of="${user}"]`)) {
    element.textContent = initials;
  }
}

/**
 * The name of a person that the page shows somewhere, else undefined.
 * @param {number} user
 */
export function nameOf(user) {
  return document.querySelector(`[data-name-of="${user}"]`)?.textContent || undefined;
}
