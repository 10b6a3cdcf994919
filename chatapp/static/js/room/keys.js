import { all, hit, isChord, one } from "chatapp/dom";

/**
 * Arrows lead through the messages of a timeline, Escape back to the composer. The focused row
 * shows its actions, which are the next stop.
 *
 * @param {HTMLElement} timeline The focusable element around the rows.
 * @param {() => void} leave
 */
export function offerKeys(timeline, leave) {
  timeline.addEventListener("keydown", (event) => {
    const row = hit(event, ".message-row");
    const isBetween = event.target === timeline || event.target === row || hit(event, ".reaction");
    if (!isBetween || isChord(event)) return goBack(event, row, leave);
    if (event.key === "ArrowUp") step(event, timeline, row, -1);
    else if (event.key === "ArrowDown") step(event, timeline, row, 1);
    else if (event.key === "End" && row) step(event, timeline, null, -1);
    else goBack(event, row, leave);
  });
}

/**
 * Rows are no stops of Tab: the arrows come to them, and whatever in one loses its place.
 * @param {HTMLElement | null} row
 */
export function focusRow(row) {
  if (!row) return;
  row.tabIndex = -1;
  row.focus({ preventScroll: true });
}

/**
 * Change something in a row: what has the focus there keeps it, or where that is gone, the row has it.
 *
 * @param {HTMLElement} row
 * @param {() => void} change
 */
export function keepFocus(row, change) {
  const focused = /** @type {HTMLElement} */ (document.activeElement);
  if (!row.contains(focused)) return change();
  change();
  if (!row.contains(focused) || !focused.checkVisibility()) focusRow(row);
  else if (document.activeElement !== focused) focused.focus({ preventScroll: true });
}

function step(event, timeline, row, by) {
  const rows = all(timeline, ".message-row");
  const next = row ? rows[rows.indexOf(row) + by] : rows.at(-1);
  event.preventDefault();
  if (!next) return;
  focusRow(next);
  next.scrollIntoView({ block: "nearest" });
}

function goBack(event, row, leave) {
  if (event.key !== "Escape" || event.defaultPrevented) return;
  event.preventDefault();
  // From a button to its row, from the row to the composer.
  if (row && event.target !== row && one(row, ".message-actions")?.contains(event.target))
    row.focus();
  else leave();
}
