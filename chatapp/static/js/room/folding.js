import { around, hit, one } from "chatapp/dom";
import { word } from "chatapp/words";

/** A message with more lines is cut to 40 (messages.css), so that there is something to unfold. */
const MOST = 50;
/** So many letters fill a line of the widest message. */
const WIDTH = 100;

/**
 * Cut a message that is very long. That is told by its text: asking for sizes would lay the page out
 * once more for each message.
 *
 * @param {HTMLElement} article
 */
export function fold(article) {
  const body = one(article, ".message-body");
  if (isFoldable(article) || linesOf(body) <= MOST) return;
  const button = document.createElement("button");
  button.type = "button";
  button.className = "link-button message-more";
  body.after(button);
  setFolded(article, true);
}

/** @param {HTMLElement} article */
export function unfold(article) {
  if (isFoldable(article)) setFolded(article, false);
}

/** @param {HTMLElement} article */
export const isUnfolded = (article) => isFoldable(article) && !isFolded(article);

/**
 * Let the reader unfold long messages, and fold them again.
 * @param {import("chatapp/room/timeline").Timeline} timeline
 */
export function offerUnfolding({ list, scroller }) {
  list.addEventListener("click", (event) => {
    const button = hit(event, ".message-more");
    const article = button && around(button, ".message");
    if (!article) return;
    if (isFolded(article)) scroller.hold(article, () => setFolded(article, false));
    else scroller.hold(button, () => setFolded(article, true));
  });
  // A link that gets the focus, or a word that the browser finds, scrolls what is cut.
  const reveal = ({ target }) => {
    if (!(target instanceof HTMLElement) || !target.matches(".message-body.is-cut")) return;
    const article = around(target, ".message");
    if (!article || !target.scrollTop) return;
    scroller.hold(one(target, ":scope > *") ?? target, () => setFolded(article, false));
  };
  list.addEventListener("scroll", reveal, { capture: true, passive: true });
}

const isFoldable = (article) => one(article, ".message-more") !== null;

const isFolded = (article) => one(article, ".message-body").matches(".is-cut");

function setFolded(article, folded) {
  const button = one(article, ".message-more");
  one(article, ".message-body").classList.toggle("is-cut", folded);
  button.setAttribute("aria-expanded", String(!folded));
  button.textContent = word(folded ? "showMore" : "showLess");
}

function linesOf(body) {
  let lines = 0;
  for (const block of body.children) {
    // Code is not wrapped, and has empty lines; those between the items of a list aren't seen.
    const isCode = block.matches("pre");
    for (const line of block.textContent.split("\n")) {
      if (isCode) lines += 1;
      else lines += Math.ceil(line.trim().length / WIDTH);
    }
  }
  return lines;
}
