/** So long after a change a screen reader may still take it for news. */
const PAUSE = 250;

/** What is quiet now, and until when. @type {WeakMap<Element, number>} */
const quiet = new WeakMap();

/**
 * Don't have what changes in it now read out as if it were said now.
 * @param {HTMLElement} element The log, or one article in it.
 */
export function hush(element) {
  clearTimeout(quiet.get(element));
  element.setAttribute("aria-live", "off");
  const speak = () => {
    if (element.getAttribute("role") === "log") element.setAttribute("aria-live", "polite");
    else element.removeAttribute("aria-live");
  };
  quiet.set(element, setTimeout(speak, PAUSE));
}
