import { device } from "chatapp/device";

/** Longer than a slow server takes; a browser's user may stop it, too. */
const PATIENCE = 20_000;
/** Whoever was asked whether to lose what they had written, and has stayed, isn't asked at once again. */
const RESPITE = 5 * 60_000;

let begun = -Infinity;

/** Load the page anew: once, for each further time would begin with that. */
export function startAfresh() {
  if (performance.now() - begun < (device.hasUnkept ? RESPITE : PATIENCE)) return;
  begun = performance.now();
  location.reload();
}
