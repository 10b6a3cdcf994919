import { all } from "chatapp/dom";
import { showPane } from "chatapp/panes";

/** Ctrl or Cmd with K goes to the search, Alt with the arrows to the next room. */
export function offerShortcuts() {
  document.addEventListener("keydown", (event) => {
    // Nobody is led away from a question.
    if (document.querySelector("dialog[open]")) return;
    if ((event.ctrlKey || event.metaKey) && event.key.toLowerCase() === "k") search(event);
    else if (event.altKey && event.key === "ArrowDown") step(event, 1);
    else if (event.altKey && event.key === "ArrowUp") step(event, -1);
  });
}

function search(event) {
  const field = /** @type {HTMLInputElement | null} */ (
    document.querySelector('.sidebar input[name="q"]')
  );
  if (!field) return;
  event.preventDefault();
  showPane("sidebar");
  field.focus();
  field.select();
}

function step(event, by) {
  // There they open the list.
  if (event.target.matches?.("select")) return;
  const rooms = all(document, ".room-link");
  const here = rooms.findIndex((link) => link.getAttribute("aria-current") === "page");
  const next = rooms[here < 0 && by < 0 ? rooms.length - 1 : here + by];
  if (!next) return;
  event.preventDefault();
  next.click();
}
