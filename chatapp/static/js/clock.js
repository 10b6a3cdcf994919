/**
 * Time as the rest of the script sees it, so that tests can bring their own.
 *
 * @typedef {object} Clock
 * @property {() => number} now Milliseconds that only ever go forward.
 * @property {(milliseconds: number, act: () => void) => any} after Calls `act` later; gives a handle.
 * @property {(handle: any) => void} cancel Forgets what `after` was asked for.
 */

/** @type {Clock} */
export const clock = {
  now: () => performance.now(),
  after: (milliseconds, act) => setTimeout(act, milliseconds),
  cancel: (handle) => clearTimeout(handle),
};

/** The longest anything waits before it tries again. */
const LONGEST = 30_000;

/**
 * How long to wait before try number `attempt` (from 0): the first within two seconds, later ones
 * within twice as long each, anywhere in that time so that a crowd doesn't return in step.
 *
 * @param {number} attempt
 * @param {() => number} random A number from 0 up to 1.
 */
export function backoff(attempt, random = Math.random) {
  return random() * Math.min(LONGEST, 2_000 * 2 ** attempt);
}
