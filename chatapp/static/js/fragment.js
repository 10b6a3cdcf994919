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
