import { announce, complain } from "chatapp/dialogs";
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
  // Pressed twice, it says so already.
  if (button.classList.contains("is-done")) return;
  if (!(await isCopied(text))) {
    // Out of an open dialog the complaint is not heard; elsewhere it would be heard twice.
    if (button.closest("dialog")) announce(word("notCopied"), button);
    return complain(word("notCopied"));
  }
  const label = [...button.childNodes].find((node) => node instanceof Text && node.data.trim());
  const verb = label?.textContent ?? "";
  if (label) label.textContent = verb.replace(verb.trim(), word("copied"));
  button.classList.add("is-done");
  announce(word("copied"), button);
  await new Promise((resolve) => setTimeout(resolve, THANKS));
  button.classList.remove("is-done");
  if (label) label.textContent = verb;
}

async function isCopied(text) {
  try {
    await navigator.clipboard.writeText(text);
    return true;
  } catch {
    // There is none without TLS, or it isn't lent.
    return copyOldWay(text);
  }
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
  const copied = document.execCommand("copy");
  field.remove();
  focused?.focus({ preventScroll: true, focusVisible });
  return copied;
}
