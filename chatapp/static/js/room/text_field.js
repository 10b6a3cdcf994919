import { hasTouch, isComposing, one } from "chatapp/dom";

/**
 * The text field of a form, with `grow()` to fit its text; the style sheet sets the limit.
 *
 * @param {HTMLFormElement} form
 * @returns {HTMLTextAreaElement & {grow: () => void}}
 */
export function fieldOf(form) {
  const field = /** @type {HTMLTextAreaElement} */ (one(form, "textarea[name=body]"));
  const grow = () => {
    if (CSS.supports("field-sizing", "content")) return;
    field.style.blockSize = "auto";
    field.style.blockSize = `${field.scrollHeight}px`;
  };
  return Object.assign(field, { grow });
}

/**
 * Whether this key sends: Enter, but not while an input method composes, with Shift, within an open
 * block of code, or on touch, where no Shift is at hand and a button sends. Ctrl or Cmd with Enter
 * always does.
 *
 * @param {KeyboardEvent} event
 * @param {HTMLTextAreaElement} field
 */
export function sendsNow(event, field) {
  if (event.key !== "Enter" || isComposing(event)) return false;
  if (event.ctrlKey || event.metaKey) return true;
  return !event.shiftKey && !event.altKey && !hasTouch() && !isInCode(field);
}

function isInCode({ value, selectionStart }) {
  const fences = value.slice(0, selectionStart).match(/^ {0,3}(```|~~~)/gm) ?? [];
  return fences.length % 2 === 1;
}
