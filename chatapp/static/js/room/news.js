import { startAfresh } from "chatapp/afresh";
import { CatchUp } from "chatapp/catch_up";
import { clock } from "chatapp/clock";
import { complain } from "chatapp/dialogs";
import { isOnline } from "chatapp/live";
import { fetchChanges, renameAll, showDetails, showMember, showRoom } from "chatapp/room/details";
import { Sequence } from "chatapp/sequence";
import { unread } from "chatapp/unread";
import { epoch } from "chatapp/viewer";
import { word } from "chatapp/words";

/** Not for this person any more, or gone. */
const CLOSED = [403, 404];
const SIGNED_OUT = 401;
/** The server tells what was missed within this time, or leaves it to be asked for. */
const PATIENCE = 4_000;

/** What changes in a room, each change once and in order, whether it was heard or missed. */
export class News {
  #toldAt = -Infinity;
  /** Where in the workspace's changes each name was heard. @type {Map<number, number>} */
  #named = new Map();
  /** Whether the room is not for this person any more. */
  closed = false;
  /** Whether the viewer has asked to be led out of the room. */
  leaving = false;

  /**
   * @param {DOMStringMap} page What the page shows when it comes: data-room, -seq, -workspace.
   * @param {object} show
   * @param {(message: any) => void} show.message
   * @param {(missed: any, show: () => void) => void} show.missed Calls `show`, which shows a page of it.
   * @param {(number: number) => void} show.read
   * @param {() => void} show.names
   */
  constructor(page, show) {
    this.room = Number(page.room);
    this.workspace = Number(page.workspace);
    this.show = show;
    this.sequence = new Sequence({
      have: Number(page.seq),
      apply: (change) => this.#apply(change),
      ask: () => this.ask(),
      isComing: () => clock.now() - this.#toldAt < PATIENCE,
      clock,
    });
    this.catchUp = new CatchUp({
      fetchPage: () =>
        fetchChanges(this.room, { seq: this.sequence.have, workspace: this.workspace }),
      apply: (missed) => this.#applyMissed(missed),
      gap: () => this.sequence.head - this.sequence.have,
      startAfresh,
      isFinal: (error) => this.#isFinal(error),
      isOnline,
      clock,
    });
  }

  /** What the page shows, for the server, which is about to answer. */
  tell() {
    // Told as the socket opens, it is answered with the first words.
    if (isOnline()) this.#toldAt = clock.now();
    return { since: this.sequence.have, epoch: epoch() };
  }

  /** @param {number} seq Where the room is; what it has told before is all that it tells. */
  answered(seq) {
    this.#toldAt = -Infinity;
    this.behind(seq);
  }

  /**
   * What the socket says was missed: nothing but messages.
   * @param {{since: number, seq: number, messages: any[]}} missed
   */
  missed(missed) {
    if (!this.sequence.goesOnWith(missed)) return;
    this.#showMessages(missed);
    this.sequence.caughtUp(missed.seq);
  }

  /** @param {any} change */
  receive(change) {
    this.sequence.receive(change);
  }

  /** @param {number} seq Of a change that was shown, where the page has a place for it. */
  knows(seq) {
    return seq <= this.sequence.have;
  }

  /** @param {number} seq */
  behind(seq) {
    this.sequence.behind(seq);
  }

  /** @param {number} workspace */
  behindWorkspace(workspace) {
    if (workspace > this.workspace) this.ask();
  }

  /**
   * @param {number} workspace Where it stands.
   * @param {number} user Whose name came with that.
   */
  sawName(workspace, user) {
    // The page is not as of that place now: another name before it may not have been heard.
    this.#named.set(user, workspace);
    this.show.names();
  }

  /** Resolves when all is there, or can't be had. */
  ask() {
    return this.catchUp.run();
  }

  /** The server, the network or the person is back. */
  wake() {
    this.catchUp.wake();
  }

  stop() {
    this.sequence.stop();
    this.catchUp.stop();
  }

  #apply(change) {
    if (change.type === "member") showMember(change);
    else if (change.type === "room") showDetails(change);
    else this.show.message(change);
  }

  #applyMissed(missed) {
    this.#showMessages(missed);
    // What was heard meanwhile may be newer than the answer: messages know their places, these don't.
    const { room, persons, head, workspace } = missed;
    if (room && head >= this.sequence.have) showRoom(room);
    const renamed = persons.filter(({ user }) => !(this.#named.get(user) > workspace));
    renameAll(renamed);
    // A list of people may show somebody for the first time.
    if (renamed.length || room) this.show.names();
    unread.update(this.room, { number: missed.last_number, read: missed.read_number });
    this.show.read(missed.read_number);
    this.#reached(workspace);
    this.sequence.caughtUp(missed.seq);
  }

  #reached(workspace) {
    this.workspace = Math.max(this.workspace, workspace);
  }

  #showMessages(missed) {
    this.show.missed(missed, () => {
      for (const message of missed.messages) this.show.message(message);
    });
  }

  #isFinal({ status }) {
    this.closed = CLOSED.includes(status);
    if (this.closed && !this.leaving) leave();
    return this.closed || status === SIGNED_OUT;
  }
}

let leading = false;

/** Whether the viewer comes to a room that they did not ask for: what they type is for another. */
export const isLed = () => leading;

/** To another room, saying why. */
async function leave() {
  const { visit } = await import("@hotwired/turbo");
  leading = true;
  const end = new AbortController();
  const arrive = () => {
    end.abort();
    leading = false;
    complain(word("roomLeft"));
  };
  const go = (/** @type {any} */ { detail }) => {
    // Meanwhile they have gone to another by themselves.
    if (new URL(detail.url).pathname !== "/") leading = false;
  };
  document.addEventListener("turbo:load", arrive, { signal: end.signal });
  document.addEventListener("turbo:visit", go, { signal: end.signal });
  visit("/", { action: "replace" });
}
