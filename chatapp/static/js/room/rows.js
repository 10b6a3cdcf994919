import { all, around, fragment, one } from "chatapp/dom";
import { follows, startsDay } from "chatapp/grouping";
import { localDay } from "chatapp/local_times";
import { ShownNames } from "chatapp/people";
import { isUnfolded, unfold } from "chatapp/room/folding";
import { keepFocus } from "chatapp/room/keys";
import { articleOf, dress, isStored, numberOf } from "chatapp/room/message";
import { renew } from "chatapp/room/renewing";

/** The rows of a timeline in the room's order, with their heads and day lines. */
export class Rows {
  /** @param {HTMLElement} list */
  constructor(list) {
    this.list = list;
    for (const line of all(list, ".day")) line.remove();
    const shown = new ShownNames();
    for (const row of this.all()) {
      dress(articleOf(row), shown);
      this.#arrange(row);
    }
  }

  all() {
    return all(this.list, ".message-row");
  }

  /** The numbers of the first and the last confirmed message; 0 when there is none. */
  get first() {
    return Number(one(this.list, "[data-number]")?.dataset.number ?? 0);
  }

  get last() {
    return Number(all(this.list, "[data-number]").at(-1)?.dataset.number ?? 0);
  }

  /** @param {string} id The article's element id: the same before and after it is confirmed. */
  row(id) {
    const article = document.getElementById(id);
    return article && around(article, ".message-row");
  }

  /**
   * Put the rows of a page of history in their places; those that are there already stay.
   * @param {string} html
   */
  addPage(html) {
    const page = fragment(html);
    const shown = new ShownNames(page);
    for (const row of all(page, ".message-row")) {
      const known = this.row(articleOf(row).id);
      if (known) this.replace(known, articleOf(row), shown);
      else this.insert(row, shown);
    }
  }

  /**
   * @param {HTMLElement} row
   * @param {ShownNames} [shown]
   */
  insert(row, shown) {
    const number = numberOf(articleOf(row));
    dress(articleOf(row), shown);
    const after = this.all().findLast((each) => numberOf(articleOf(each)) <= number);
    if (after) after.after(row);
    else this.list.prepend(row);
    this.#arrange(row);
    this.#arrangeNext(row);
  }

  /**
   * Show another state of a message, unless a newer one is shown. What the viewer is doing with it stays.
   *
   * @param {HTMLElement} row
   * @param {HTMLElement} article
   * @param {ShownNames} [shown]
   */
  replace(row, article, shown) {
    const old = articleOf(row);
    if (Number(old.dataset.seq ?? 0) >= Number(article.dataset.seq)) return;
    dress(article, shown);
    keepFocus(row, () => {
      if (isStored(old)) this.#renew(old, article);
      else this.#confirm(row, old, article);
    });
  }

  #renew(old, article) {
    if (isUnfolded(old)) unfold(article);
    renew(old, article);
  }

  #confirm(row, old, article) {
    old.replaceWith(article);
    this.#settle(row);
  }

  /** @param {HTMLElement} row */
  remove(row) {
    const next = nextRow(row);
    for (const line of separators(row)) line.remove();
    row.remove();
    if (next) this.#arrange(next);
  }

  /**
   * Keep the newest, or else the oldest, so many rows, and all that are on their way. Gives whether
   * there were more.
   *
   * @param {number} most
   * @param {"newest" | "oldest"} which
   */
  trim(most, which) {
    const rows = this.#stored();
    if (rows.length <= most) return false;
    this.#drop(which === "newest" ? rows.slice(0, -most) : rows.slice(most));
    return true;
  }

  /** Take away all rows but those that are on their way: nothing else has their text. */
  clear() {
    this.#drop(this.#stored());
  }

  #stored() {
    return this.all().filter((row) => isStored(articleOf(row)));
  }

  #drop(rows) {
    for (const row of rows) {
      for (const line of separators(row)) line.remove();
      row.remove();
    }
    const first = this.all()[0];
    if (first) this.#arrange(first);
  }

  /** It has its place in the room now, and the server's hour instead of the viewer's. */
  #settle(row) {
    for (const line of separators(row)) if (line.matches(".day")) line.remove();
    if (!isInPlace(row)) return this.#move(row);
    this.#arrange(row);
    this.#arrangeNext(row);
  }

  #move(row) {
    const next = nextRow(row);
    row.remove();
    if (next) this.#arrange(next);
    this.insert(row);
  }

  #arrangeNext(row) {
    const next = nextRow(row);
    if (next) this.#arrange(next);
  }

  #arrange(row) {
    const before = previousRow(row);
    const [mine, other] = [told(row), before && told(before)];
    row.classList.toggle("follows", follows(other, mine));
    const line = separators(row).find((each) => each.matches(".day"));
    if (startsDay(other, mine) && !line)
      (separators(row).at(-1) ?? row).before(dayLine(mine.posted));
    else if (!startsDay(other, mine)) line?.remove();
  }
}

const isRow = (element) => element.matches(".message-row");

const told = (row) => {
  const { author, posted } = articleOf(row).dataset;
  return { author, posted };
};

/** The day and "new" lines that stand directly before a row, the nearest first. */
function separators(row) {
  const found = [];
  for (
    let each = row.previousElementSibling;
    each && !isRow(each);
    each = each.previousElementSibling
  ) {
    found.push(each);
  }
  return found;
}

function isInPlace(row) {
  const number = numberOf(articleOf(row));
  const [before, after] = [previousRow(row), nextRow(row)];
  return (
    (!before || numberOf(articleOf(before)) < number) &&
    (!after || number < numberOf(articleOf(after)))
  );
}

function previousRow(row) {
  let each = row.previousElementSibling;
  while (each && !isRow(each)) each = each.previousElementSibling;
  return each;
}

function nextRow(row) {
  let each = row.nextElementSibling;
  while (each && !isRow(each)) each = each.nextElementSibling;
  return each;
}

function dayLine(posted) {
  const line = document.createElement("li");
  line.className = "day";
  line.setAttribute("role", "none");
  const time = document.createElement("time");
  localDay(time, new Date(posted));
  line.append(time);
  return line;
}
