import { listen } from "chatapp/live";

/** A page that gets no answer doesn't wait for it longer than this, once it is painted. */
const PATIENCE = 300;

/** @type {(() => void)[] | null} */
let waiting = [];

/**
 * Do something that can wait until the first page hears its room, or has waited for long enough.
 * Meanwhile the document has the class `is-opening`; from then on, everything is done at once.
 *
 * @param {() => void} act
 */
export function afterOpening(act) {
  if (!waiting) {
    act();
    return;
  }
  if (!waiting.length) begin();
  waiting.push(act);
}

function begin() {
  document.documentElement.classList.add("is-opening");
  afterPaint(() => setTimeout(finish, PATIENCE));
  const end = listen("subscribed", () => {
    end();
    afterPaint(finish);
  });
}

/** A tab that is not on the screen paints nothing. */
function afterPaint(act) {
  if (document.hidden) setTimeout(act);
  else requestAnimationFrame(() => setTimeout(act));
}

function finish() {
  if (!waiting) return;
  const acts = waiting;
  waiting = null;
  document.documentElement.classList.remove("is-opening");
  for (const act of acts) act();
}
