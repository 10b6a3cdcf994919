import { announce } from "chatapp/dialogs";
import { hit } from "chatapp/dom";
import { word } from "chatapp/words";

const THANKS = 1_500;

/**
 * Copy a text, and say so on the button that was pressed. Resolves when that was to be seen.
 *
 * @param {string} text
 * @param {HTMLElement} button
 */
export async function copy(text, button) {
  if (navigator.clipboard) await navigator.clipboard.writeText(text).catch(() => copyOldWay(text));
  else copyOldWay(text);
  button.classList.add("is-done");
  announce(word("copied"));
  await new Promise((resolve) => setTimeout(resolve, THANKS));
  button.classList.remove("is-done");
}

/** Buttons with `data-copy` copy that text. */
export function offerCopying() {
  document.addEventListener("click", (event) => {
    const button = hit(event, "[data-copy]");
    if (button) copy(button.dataset.copy, button);
  });
}

/** Browsers lend the clipboard only to pages that came over TLS. */
function copyOldWay(text) {
  const focused = /** @type {HTMLElement | null} */ (document.activeElement);
  // A field always shows its focus, and hands that on.
  const focusVisible = focused?.matches(":focus-visible");
  const field = document.createElement("textarea");
  field.value = text;
  // What is outside of an open dialog can't be selected.
  (focused?.closest("dialog") ?? document.body).append(field);
  field.select();
  document.execCommand("copy");
  field.remove();
  focused?.focus({ preventScroll: true, focusVisible });
}
