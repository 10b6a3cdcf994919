/**
 * The first element that fits, as an HTMLElement; null when there is none.
 *
 * @param {ParentNode} root
 * @param {string} selector
 * @returns {HTMLElement | null}
 */
export const one = (root, selector) => root.querySelector(selector);

/**
 * All elements that fit.
 *
 * @param {ParentNode} root
 * @param {string} selector
 * @returns {HTMLElement[]}
 */
export const all = (root, selector) => [...root.querySelectorAll(selector)].filter(isHtml);

/**
 * The nearest parent that fits, itself included.
 *
 * @param {Element} element
 * @param {string} selector
 * @returns {HTMLElement | null}
 */
export const around = (element, selector) => element.closest(selector);

/**
 * The element that an event happened in, or its nearest parent, that fits.
 *
 * @param {Event} event
 * @param {string} selector
 * @returns {HTMLElement | null}
 */
export function hit(event, selector) {
  return event.target instanceof Element ? around(event.target, selector) : null;
}

/** @returns {element is HTMLElement} */
const isHtml = (element) => element instanceof HTMLElement;

/**
 * Nodes from HTML that our own server rendered; nothing else may come here.
 * @param {string} html
 */
export function fragment(html) {
  const template = document.createElement("template");
  template.innerHTML = html;
  return template.content;
}

/**
 * A copy of what the page keeps in <template id="...">; null on a page without it.
 * @param {string} id
 */
export function part(id) {
  const template = /** @type {HTMLTemplateElement | null} */ (document.getElementById(id));
  const copy = template?.content.firstElementChild?.cloneNode(true);
  return /** @type {HTMLElement | null} */ (copy ?? null);
}

/**
 * Whether this key is for an input method. 229 is what Safari says for the one that ends a composition.
 * @param {KeyboardEvent} event
 */
export const isComposing = (event) => event.isComposing || event.keyCode === 229;

/** Whether a key is pressed together with another one, which means something else. */
export const isChord = ({ altKey, ctrlKey, metaKey, shiftKey }) =>
  altKey || ctrlKey || metaKey || shiftKey;

/** Whether a finger is what points, and no keyboard is at hand. */
export const hasTouch = () => matchMedia("(hover: none) and (pointer: coarse)").matches;
