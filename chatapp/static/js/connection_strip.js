import { complain } from "chatapp/dialogs";
import { all } from "chatapp/dom";
import { isOnline, listen } from "chatapp/live";
import { viewerId } from "chatapp/viewer";
import { word } from "chatapp/words";

/** Short losses are nobody's business; but silence is noticed after 12 s and must be told within 15. */
const NOTICEABLE = 2_000;

let timer = null;
let shown = false;

/** Say plainly that the page is offline, once it has been so for a moment. */
export function showConnection() {
  listen("state", paintConnection);
  // Turbo would leave for the browser's own page of regret, and take the drafts' fields along.
  document.addEventListener("turbo:fetch-request-error", (event) => {
    event.preventDefault();
    const { request } = /** @type {CustomEvent} */ (event).detail;
    // What the pointer only rested on was not asked for.
    if (request.headers["X-Sec-Purpose"] !== "prefetch") complain(word("noAnswer"));
  });
}

/** Bring the strip of a new page up to date. */
export function paintConnection() {
  if (isOnline() || !viewerId()) {
    clearTimeout(timer);
    timer = null;
    paint(false);
  } else {
    timer ??= setTimeout(() => paint(true), NOTICEABLE);
    paint(shown);
  }
}

function paint(offline) {
  shown = offline;
  for (const strip of all(document, ".connection-strip")) {
    strip.hidden = !offline;
    const text = offline ? word("offlineStrip") : "";
    if (strip.textContent?.trim() !== text) strip.textContent = text;
  }
}
