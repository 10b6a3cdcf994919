import { backoff, clock } from "chatapp/clock";
import { around, fragment, one } from "chatapp/dom";
import { isOnline } from "chatapp/live";
import { afterOpening } from "chatapp/opening";
import { getJson } from "chatapp/request";
import { hush } from "chatapp/room/hush";
import { articleOf } from "chatapp/room/message";
import { Rows } from "chatapp/room/rows";
import { Scroller } from "chatapp/room/scroller";

/** More rows than this make the page slow: those far from the reader go. */
const MOST = 300;
const SLACK = 20;
/** Pages are fetched before the reader is at the edge, in CSS pixels. */
const NEAR = 600;
/** Whoever comes to a message from far away sees so many before it. */
const CONTEXT = 10;
/** Answers in the 400s after which it is worth asking again soon. */
const PASSING = [408, 425, 429];
/** The others will say the same the next time. */
const RARELY = 60_000;
/** Longer waits are shown. */
const NOTICEABLE = 300;

/** What a room's page shows of its messages: a window on the history, live at its end. */
export class Timeline {
  #loading = false;
  #asked = 0;
  #slow = 0;
  #meanwhile = [];
  #again = null;
  #refusals = 0;
  /** What is near was refused: the next move doesn't ask for it again. */
  #rests = false;

  /**
   * @param {HTMLElement} element The scrolling element around the list.
   * @param {object} options
   * @param {number} options.room
   * @param {() => void} options.onMove Something else is in view now.
   * @param {() => void} options.onPage A page of history was put in.
   */
  constructor(element, { room, onMove, onPage }) {
    this.element = element;
    this.list = one(element, ".messages");
    this.room = room;
    this.onPage = onPage;
    // The rows are given their hours then, which nobody has said now.
    afterOpening(() => this.hush());
    this.rows = new Rows(this.list);
    this.moreBefore = "moreBefore" in this.list.dataset;
    this.scroller = new Scroller(element, this.list, () => {
      this.fetchNear();
      onMove();
    });
    this.live = !("moreAfter" in this.list.dataset);
    for (const link of element.querySelectorAll(".earlier, .later")) link.remove();
  }

  /** Whether the end of the list is the newest message. */
  get live() {
    return this.scroller.live;
  }

  set live(live) {
    this.scroller.live = live;
  }

  /** Left: what is still on its way comes to nothing. */
  stop() {
    this.scroller.stop();
    this.#asked += 1;
    this.#loading = true;
    clearTimeout(this.#slow);
    clock.cancel(this.#again);
  }

  /**
   * Show a message that is new or changed; one outside the window only leaves the outbox.
   * @param {{number: number, html: string}} message
   */
  show(message) {
    // A page that is on its way may have been made before this.
    if (this.#loading) this.#meanwhile.push(message);
    const { number, html } = message;
    const article = one(fragment(html), ".message");
    const known = this.rows.row(article.id);
    this.scroller.keep(() => {
      if (this.#isInWindow(number)) this.#put(known, article);
      else if (known) this.rows.remove(known);
    });
    this.#bound();
  }

  /** Fetch what is just outside of the window, if the reader is near its edge. */
  async fetchNear() {
    if (this.#loading || this.#rests) return;
    if (this.scroller.above < NEAR && this.moreBefore)
      await this.#fetch(`before=${this.rows.first}`);
    else if (this.scroller.below < NEAR && !this.live) await this.#fetch(`after=${this.rows.last}`);
  }

  /** The server, the network or the person is back: what was refused is asked for again. */
  wake() {
    this.#rests = false;
    this.fetchNear();
  }

  /** Go to the newest message, however far it is. Gives false where the server doesn't say it. */
  async toLatest() {
    if (!this.live && (await this.#replaceWith("")) === null) return false;
    if (!this.element.isConnected) return true;
    this.#forgetAddress();
    this.scroller.toEnd();
    return true;
  }

  /**
   * Show what was said after the message with this number, and a little of what was said before.
   * Gives false where the server doesn't say it.
   *
   * @param {number} number
   */
  async toAfter(number) {
    const page = await this.#replaceWith(`after=${Math.max(0, number - CONTEXT)}`);
    if (page) this.#forgetAddress();
    return page !== null;
  }

  /** It named a message that isn't in view any more. */
  #forgetAddress() {
    if (location.search) history.replaceState(history.state, "", location.pathname);
  }

  #put(row, article) {
    if (!row) {
      this.rows.insert(wrap(article));
    } else {
      // One of them stays: a message on its way is replaced, one that is shown is renewed.
      for (const each of [articleOf(row), article]) hush(each);
      this.rows.replace(row, article);
    }
    one(this.element, ".empty-state")?.remove();
  }

  #isInWindow(number) {
    if (number < this.rows.first && this.moreBefore) return false;
    return this.live || number <= this.rows.last;
  }

  async #fetch(query) {
    const page = await this.#page(query);
    this.#rests = page === null;
    if (!page) return;
    const older = query.startsWith("before");
    this.hush();
    this.scroller.keep(() => {
      this.rows.addPage(page.rows);
      if (older) this.moreBefore = page.more_before;
      else this.live = !page.more_after;
      this.onPage();
    });
    this.#bound();
    this.#showMeanwhile();
    this.fetchNear();
  }

  /** Where there is too much, what is farther from the reader goes; it is fetched again then. */
  #bound() {
    // A page on its way joins on to what is here now.
    if (this.#loading || this.rows.all().length <= MOST + SLACK) return;
    // By rows, as they are trimmed: some are a hundred times as high as others.
    const nearStart = !this.scroller.stuck && this.scroller.place < 0.5;
    this.scroller.keep(() => {
      if (!this.rows.trim(MOST, nearStart ? "oldest" : "newest")) return;
      if (nearStart) this.live = false;
      else this.moreBefore = true;
    });
  }

  async #replaceWith(query) {
    const page = await this.#page(query);
    if (!page) return page;
    this.hush();
    this.rows.clear();
    this.rows.addPage(page.rows);
    this.moreBefore = page.more_before;
    this.live = !page.more_after;
    this.onPage();
    this.#showMeanwhile();
    return page;
  }

  #showMeanwhile() {
    for (const message of this.#meanwhile.splice(0)) this.show(message);
  }

  /** A page of history; null where it was refused, undefined where a later one was asked for. */
  async #page(query) {
    const mine = ++this.#asked;
    this.#beginLoading();
    /** @type {any} */
    let refusal = null;
    const page = await getJson(`/rooms/${this.room}/messages?${query}`).catch((error) => {
      refusal = error;
      return null;
    });
    if (mine !== this.#asked) return undefined;
    this.#endLoading();
    if (page) this.#refusals = 0;
    else this.#tryAgain(refusal);
    return page;
  }

  /** Whoever is at the very edge makes no move that would ask again. */
  #tryAgain({ status, retryAfter }) {
    clock.cancel(this.#again);
    const isFinal = status >= 400 && status < 500 && !PASSING.includes(status);
    const soon = Math.max(retryAfter * 1_000, backoff(this.#refusals++, isOnline()));
    const pause = isFinal ? RARELY : soon;
    this.#again = clock.after(pause, () => this.wake());
  }

  #beginLoading() {
    this.#loading = true;
    clearTimeout(this.#slow);
    this.#slow = setTimeout(() => this.element.classList.add("is-loading"), NOTICEABLE);
  }

  #endLoading() {
    this.#loading = false;
    clearTimeout(this.#slow);
    this.element.classList.remove("is-loading");
  }

  /** A screen reader is told of additions to the log; pages of history are none. */
  hush() {
    const log = around(this.list, ".message-log");
    if (log) hush(log);
  }
}

function wrap(article) {
  const row = document.createElement("li");
  row.className = "message-row";
  row.setAttribute("role", "none");
  row.append(article);
  return row;
}
