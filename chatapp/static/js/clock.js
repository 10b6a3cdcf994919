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

/**
 * The longest that a request waits before it is tried again while the server is heard: it refuses
 * cheaply then, and nobody tells when what it needs is back.
 */
const SOON = 4_000;
/** The longest while it isn't: its first word wakes whatever waits. */
const LONGEST = 30_000;

/**
 * How long a request waits before try number `attempt` (from 0): the first within two seconds, later
 * ones within twice as long each, anywhere in that time so that a crowd doesn't return in step.
 *
 * @param {number} attempt
 * @param {boolean} isOnline Whether the server is heard.
 * @param {() => number} random A number from 0 up to 1.
 */
export function backoff(attempt, isOnline, random = Math.random) {
  return random() * Math.min(isOnline ? SOON : LONGEST, 2_000 * 2 ** attempt);
}
