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
