/** Longer than a slow server takes; a browser's user may stop it, too. */
const PATIENCE = 20_000;

let begun = -Infinity;

/** Load the page anew: once, for each further time would begin with that. */
export function startAfresh() {
  if (performance.now() - begun < PATIENCE) return;
  begun = performance.now();
  location.reload();
}
