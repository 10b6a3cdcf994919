/** @type {Element | null} */
let block = null;
/** @type {Record<string, string>} */
let texts = {};

/**
 * A text for people in their language, from the page's #words block; `{name}` is filled in.
 *
 * @param {string} key
 * @param {Record<string, unknown>} [values]
 */
export function word(key, values = {}) {
  const text = read()[key] ?? key;
  return text.replace(/\{(\w+)\}/g, (hole, name) => String(values[name] ?? hole));
}

/**
 * A text that depends on a number: the key is followed by the language's plural form.
 *
 * @param {string} key
 * @param {number} n
 */
export function plural(key, n) {
  const form = new Intl.PluralRules(document.documentElement.lang || "en").select(n);
  const exact = `${key}_${form}`;
  return word(exact in read() ? exact : `${key}_other`, { n });
}

function read() {
  const found = document.getElementById("words");
  if (found && found !== block) {
    block = found;
    texts = JSON.parse(found.textContent || "{}");
  }
  return texts;
}
