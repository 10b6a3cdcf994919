import { all, one } from "chatapp/dom";
import { localHour } from "chatapp/local_times";
import { ShownNames } from "chatapp/people";
import { fold } from "chatapp/room/folding";
import { showReaction } from "chatapp/room/reaction";
import { viewerId } from "chatapp/viewer";

const QUOTED = 200;

/**
 * A message comes the same for everybody: add what depends on who looks, and where.
 *
 * @param {HTMLElement} article
 * @param {ShownNames} [shown] Where more than one is dressed.
 */
export function dress(article, shown = new ShownNames()) {
  localHour(article);
  fold(article);
  // One stop for the keyboard a row is enough: the arrows lead from row to row.
  one(article, ".message-time")?.setAttribute("tabindex", "-1");
  for (const button of all(article, ".reaction")) showReaction(button, shown);
}

/** @param {HTMLElement} article */
export const isMine = (article) => Number(article.dataset.author) === viewerId();

/** @param {HTMLElement} article */
export const isDeleted = (article) => "deleted" in article.dataset;

/** @param {HTMLElement} article One that is not is on its way, or has failed. */
export const isStored = (article) => Boolean(article.dataset.number);

/**
 * The message's place in the room; a pending one comes after all others.
 * @param {HTMLElement} article
 */
export const numberOf = (article) => Number(article.dataset.number) || Infinity;

/**
 * The beginning of its text, to tell which message is meant.
 * @param {HTMLElement} article
 */
export const quoteOf = (article) =>
  one(article, ".message-body").textContent.trim().slice(0, QUOTED);

/** @param {HTMLElement} row A row of the timeline. */
export const articleOf = (row) => one(row, ".message");
