import { one } from "chatapp/dom";
import { renewReactions } from "chatapp/room/reaction";

/**
 * Make a message that is shown say what its newer state says. Whatever is the same in both stays the
 * very element that it is: with the click that is under way on it, with what is selected in it, and
 * with an editor that somebody writes in. What is hidden stays hidden, since that is the viewer's doing.
 *
 * @param {HTMLElement} shown
 * @param {HTMLElement} newer
 */
export function renew(shown, newer) {
  renewFacts(shown, newer);
  const parts = /** @type {HTMLElement[]} */ ([...newer.children]);
  const kinds = new Set([...parts.map(kindOf), "message-editor"]);
  // Such as the button of what was long until now.
  for (const part of [...shown.children]) if (!kinds.has(kindOf(part))) part.remove();
  for (const [place, part] of parts.entries()) {
    const known = one(shown, `:scope > .${kindOf(part)}`);
    if (!known) shown.insertBefore(part, shown.children[place]);
    else if (known.matches(".reactions")) renewReactions(known, part);
    else renewPart(known, part);
  }
}

function renewPart(shown, newer) {
  newer.hidden = shown.hidden;
  if (!shown.isEqualNode(newer)) shown.replaceWith(newer);
}

/** Its class is not among them: that tells how it is shown here. */
function renewFacts(shown, newer) {
  for (const name of Object.keys(shown.dataset)) {
    if (!(name in newer.dataset)) delete shown.dataset[name];
  }
  Object.assign(shown.dataset, newer.dataset);
}

const kindOf = (part) => part.classList[0];
