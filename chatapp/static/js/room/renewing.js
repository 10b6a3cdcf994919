import { all, one } from "chatapp/dom";
import { reactionWith } from "chatapp/room/reactions";

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

/** By the emoji: of those that are still there only what has changed. */
function renewReactions(footer, newer) {
  const reactions = all(newer, ".reaction");
  const wanted = new Set(reactions.map(emojiOf));
  for (const reaction of all(footer, ".reaction")) {
    if (!wanted.has(emojiOf(reaction))) reaction.remove();
  }
  for (const [place, reaction] of reactions.entries()) {
    const known = reactionWith(footer, emojiOf(reaction));
    const at = footer.children[place] ?? null;
    if (known) renewReaction(known, reaction);
    // What is moved loses the focus.
    if (!known || known !== at) footer.insertBefore(known ?? reaction, at);
  }
}

function renewReaction(shown, newer) {
  for (const { name, value } of newer.attributes) {
    if (shown.getAttribute(name) !== value) shown.setAttribute(name, value);
  }
  one(shown, ".reaction-count").textContent = one(newer, ".reaction-count").textContent;
}

/** Its class is not among them: that tells how it is shown here. */
function renewFacts(shown, newer) {
  for (const name of Object.keys(shown.dataset)) {
    if (!(name in newer.dataset)) delete shown.dataset[name];
  }
  Object.assign(shown.dataset, newer.dataset);
}

const kindOf = (part) => part.classList[0];

const emojiOf = (reaction) => reaction.dataset.emoji;
