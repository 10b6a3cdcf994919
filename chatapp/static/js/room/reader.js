import { clock } from "chatapp/clock";
import { announce, complain } from "chatapp/dialogs";
import { around, one } from "chatapp/dom";
import { onCover } from "chatapp/panes";
import { isAway, onActivity } from "chatapp/presence_report";
import { ReadMark } from "chatapp/read_mark";
import { post } from "chatapp/request";
import { unfold } from "chatapp/room/folding";
import { focusRow } from "chatapp/room/keys";
import { articleOf } from "chatapp/room/message";
import { NewLine } from "chatapp/room/new_line";
import { UnreadBar } from "chatapp/room/unread_bar";
import { unread } from "chatapp/unread";
import { viewerId } from "chatapp/viewer";
import { plural, word } from "chatapp/words";

/** Of what was missed, a screen reader says so many messages; of more it says how many there are. */
const READ_OUT = 5;

/** Where the reader is in a room: what is in view, what was read, what came meanwhile. */
export class Reader {
  #end = new AbortController();
  /** What the sidebar doesn't count any more. */
  counted = 0;
  #isCatchingUp = false;
  #missed = 0;

  /**
   * @param {import("chatapp/room/timeline").Timeline} timeline
   * @param {import("chatapp/room/jump").Jump} jump
   * @param {DOMStringMap} page What the page came with: data-room, -number, -read, -found.
   * @param {() => void} write The viewer has nothing else to do here.
   */
  constructor(timeline, jump, page, write) {
    this.timeline = timeline;
    this.jump = jump;
    this.room = Number(page.room);
    this.number = Number(page.number);
    this.found = page.found;
    this.newLine = new NewLine(timeline);
    this.unreadBar = new UnreadBar(timeline.element, {
      jump: () => this.toFirstNew(),
      markRead: () => this.markRead(),
      left: write,
    });
    this.mark = new ReadMark({
      read: Number(page.read),
      send: (number) => this.#say(number),
      inView: () => this.#isReading(),
      clock,
    });
    const look = () => this.look();
    const until = { signal: this.#end.signal };
    addEventListener("focus", look, until);
    document.addEventListener("visibilitychange", look, until);
    onActivity(look, until);
    onCover(look, until);
  }

  /** Begin at the message that the address names, else at the first new one, else at the end. */
  begin() {
    const { scroller } = this.timeline;
    if (this.number > this.mark.read) this.newLine.place(this.mark.read);
    const target = this.#target();
    scroller.toEnd();
    if (target) {
      articleOf(target).classList.add("is-found");
      unfold(articleOf(target));
      scroller.toRow(target);
    } else if (this.newLine.element && this.newLine.isAbove) {
      scroller.toRow(this.newLine.element);
    }
    // A short page has nothing to scroll.
    this.timeline.fetchNear();
    this.look();
  }

  /** Go to the first message that wasn't read, however far it is. */
  async toFirstNew() {
    const { timeline, newLine } = this;
    const isThere = !newLine.isBefore || (await timeline.toAfter(newLine.after));
    if (!isThere) return complain(word("noAnswer"));
    const line = newLine.element;
    if (!line || !timeline.element.isConnected) return;
    timeline.scroller.toRow(line);
    focusRow(/** @type {HTMLElement | null} */ (line.nextElementSibling));
    this.look();
  }

  /** The viewer doesn't want to see what is unread. */
  async markRead() {
    const { number } = this;
    try {
      await this.#say(number);
    } catch (/** @type {any} */ error) {
      return complain(error.reason || word("noAnswer"));
    }
    this.moved(number);
  }

  /** Something else is in view, somebody else is looking, or there are news. */
  look(isNews = false) {
    if (this.#isHere()) this.newLine.look();
    this.unreadBar.show(this.newLine.isAbove);
    this.jump.show(!this.timeline.scroller.stuck);
    this.mark.look(this.number, isNews);
  }

  /** @param {{number: number, author: number}} message About to be shown. */
  beforeNews({ number, author }) {
    this.isNews = number > this.number && author !== viewerId();
    this.number = Math.max(this.number, number);
    this.wasLooking = this.#isLooking();
    this.wasReading = this.#isReading();
  }

  /** @param {{number: number, author: number}} message */
  afterNews({ number, author }) {
    // Whoever writes has read what stands above, wherever it was written.
    if (author === viewerId()) this.moved(number);
    if (this.isNews && !this.wasLooking) {
      // What was read elsewhere is not new; nor is what was seen here and is not marked yet.
      const seen = Math.max(this.mark.read, this.counted);
      if (seen === number - 1) this.newLine.place(seen);
      if (!this.timeline.scroller.stuck) this.jump.missed();
    }
    if (this.#isCatchingUp) return;
    // What comes before one's eyes isn't counted until the server has heard that it was read.
    if (this.wasReading) this.#count(number);
    this.look(this.isNews);
  }

  /**
   * Show what came while nobody could see it: it isn't read before its beginning has been in view.
   *
   * @param {object} missed
   * @param {{number: number, author: number}[]} missed.messages
   * @param {boolean} [missed.more] More pages of it come.
   * @param {() => void} show
   */
  catchUp({ messages, more = false }, show) {
    this.#readOut(messages, more);
    const seen = Math.max(this.mark.read, this.counted);
    const wasLooking = this.#isLooking();
    this.#isCatchingUp = true;
    show();
    this.#isCatchingUp = false;
    if (wasLooking && this.newLine.wouldBeAbove(seen)) this.newLine.place(seen);
    this.look();
  }

  /** A page of what was missed is read out as it comes, or counted. */
  #readOut(messages, more) {
    const isNew = ({ number, author }) => number > this.number && author !== viewerId();
    this.#missed += messages.filter(isNew).length;
    if (more || messages.length > READ_OUT || this.#missed > READ_OUT) this.timeline.hush();
    if (!more && this.#missed > READ_OUT) announce(plural("newMessages", this.#missed));
    if (!more) this.#missed = 0;
  }

  /** The viewer has written: nothing above is new any more. */
  answered() {
    this.newLine.remove();
  }

  /** @param {number} number Read in another tab. */
  moved(number) {
    this.mark.moved(number);
    this.#skipRead();
  }

  /** @param {number} number Read so far, as the server knows that greets. */
  greeted(number) {
    this.mark.heard(number);
    this.#skipRead();
  }

  stop() {
    this.mark.stop();
    this.unreadBar.stop();
    this.#end.abort();
    // However soon one leaves.
    if (this.counted > this.mark.read) this.#say(this.counted).catch(() => {});
  }

  /** The page says which message it is around: a redirect may have lost the address's last part. */
  #target() {
    const { list, rows } = this.timeline;
    const found = this.found && one(list, `[data-message="${this.found}"]`);
    if (found) return around(found, ".message-row");
    return rows.row(named(location.hash));
  }

  /** What was read elsewhere needs no way to it. */
  #skipRead() {
    const { newLine, mark } = this;
    if (newLine.isAbove && mark.read > newLine.after) {
      if (mark.read < this.number) newLine.place(mark.read);
      else newLine.remove();
    }
    this.look();
  }

  #isHere() {
    // On a phone the list of rooms lies over the room.
    if (this.timeline.element.closest("[inert]")) return false;
    return document.hasFocus() && !document.hidden && !isAway();
  }

  #isLooking() {
    return this.timeline.scroller.stuck && this.#isHere();
  }

  /** A room has one mark: up to its end, all was read, or whoever reads there knows where it begins. */
  #isReading() {
    return this.#isLooking() && !this.newLine.isAbove;
  }

  async #say(number) {
    await post(`/rooms/${this.room}/reads`, { number: String(number) });
    this.#count(number);
  }

  #count(number) {
    this.counted = Math.max(this.counted, number);
    unread.update(this.room, { number, read: number });
  }
}

/** The id in the last part of an address, which anybody may have typed. */
function named(hash) {
  try {
    return decodeURIComponent(hash.slice(1));
  } catch {
    return "";
  }
}
