/** Messages of one author within this time stand under one head. */
const TOGETHER = 5 * 60_000;

/**
 * What decides how two neighbours stand.
 * @typedef {{author: string, posted: string}} Neighbour
 */

/**
 * Whether `next` needs no head of its own.
 *
 * @param {Neighbour | null} previous
 * @param {Neighbour} next
 */
export function follows(previous, next) {
  if (!previous || previous.author !== next.author || startsDay(previous, next)) return false;
  const apart = Date.parse(next.posted) - Date.parse(previous.posted);
  return apart >= 0 && apart < TOGETHER;
}

/**
 * Whether a day line belongs before `next`, by the viewer's own clock.
 *
 * @param {Neighbour | null} previous
 * @param {Neighbour} next
 */
export function startsDay(previous, next) {
  return !previous || day(previous.posted) !== day(next.posted);
}

const day = (posted) => new Date(posted).toDateString();
