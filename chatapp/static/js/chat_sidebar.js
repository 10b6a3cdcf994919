import { backoff, clock } from "chatapp/clock";
import { fragment, one } from "chatapp/dom";
import { isOnline, listen } from "chatapp/live";
import { paintPresence } from "chatapp/people";
import { getText } from "chatapp/request";
import { readSidebar } from "chatapp/unread";
import { paintUnsent } from "chatapp/unsent";

/** After a loss, or with a room's new name, all ask for their rooms: not all at once, and no oftener. */
const SPREAD = 2_000;
/** A page may have been on its way, or fetched ahead of a click, for so long before it is shown. */
const ON_THE_WAY = 30_000;
/** What tells of rooms, people and names. */
const CHANGING = [".workspace-name", ".room-list", ".sidebar-foot"];

/** <chat-sidebar>: the viewer's rooms, fetched anew when the server says that they are others. */
export class ChatSidebar extends HTMLElement {
  // A visit brings another sidebar; it stays where it was scrolled to, and what was folded.
  static #scrolled = 0;
  static #folded = false;
  static #changedAt = -Infinity;
  #ends = [];
  #greeted = false;
  #asked = 0;
  #askedAt = -Infinity;
  #failed = 0;
  #retry = 0;
  #soon = 0;

  connectedCallback() {
    this.#greeted = isOnline();
    this.#ends = [
      listen("rooms", ({ shared }) => this.#hear(shared)),
      listen("welcome", ({ rooms }) => this.#greet(rooms)),
    ];
    this.#keepFolded();
    this.#keepScrolled();
    // The server marks rooms only: it is the same sidebar for all other pages.
    this.#markCurrent();
    readSidebar();
    // The one before has heard of it, but this one may have been made before.
    if (clock.now() - ChatSidebar.#changedAt < ON_THE_WAY) this.#refresh();
  }

  disconnectedCallback() {
    for (const end of this.#ends) end();
    for (const timer of [this.#soon, this.#retry]) clearTimeout(timer);
  }

  #hear(shared) {
    ChatSidebar.#changedAt = clock.now();
    if (shared) this.#refreshSoon();
    else this.#refresh();
  }

  /** What changed while nobody was listening: since the page was made, or since the loss? */
  #greet(rooms) {
    if (this.#greeted) this.#refreshSoon();
    else if (this.#isBehind(rooms)) this.#refresh();
    this.#greeted = true;
  }

  /** Beside its messages, which the welcome itself tells, whatever shows takes a seq of the room. */
  #isBehind(rooms) {
    /** @type {NodeListOf<HTMLElement>} */
    const found = this.querySelectorAll("a[data-room]");
    const shown = new Map(
      [...found].map(({ dataset }) => [dataset.room, Number(dataset.seq) - Number(dataset.number)]),
    );
    const marks = Object.entries(rooms);
    return (
      marks.length !== shown.size ||
      marks.some(([id, { seq, number }]) => shown.get(id) !== seq - number)
    );
  }

  #refreshSoon() {
    const wait = Math.max(this.#askedAt + SPREAD - clock.now(), Math.random() * SPREAD);
    this.#soon ||= setTimeout(() => this.#refresh(), wait);
  }

  async #refresh() {
    for (const timer of [this.#soon, this.#retry]) clearTimeout(timer);
    this.#soon = 0;
    this.#askedAt = clock.now();
    const asked = ++this.#asked;
    const address = `/sidebar?at=${encodeURIComponent(location.pathname)}`;
    const html = await getText(address, { again: true }).catch(() => "");
    // Whoever has asked since gets the newer answer.
    if (asked !== this.#asked || !this.isConnected) return;
    // Somebody between may have answered with another page.
    const fresh = one(fragment(html), "chat-sidebar");
    if (!fresh) {
      // Nothing else would tell of what this one should have.
      this.#retry = setTimeout(() => this.#refresh(), backoff(this.#failed++, isOnline()));
      return;
    }
    this.#failed = 0;
    this.#show(fresh);
  }

  /** Whatever else is in it stays: words in the search, what is folded, where it is scrolled to. */
  #show(fresh) {
    const focused =
      this.contains(document.activeElement) && document.activeElement?.getAttribute("href");
    for (const part of CHANGING) one(this, part).replaceWith(one(fresh, part));
    this.#markCurrent();
    if (focused) this.#link(focused)?.focus();
    readSidebar();
    paintPresence(this);
    paintUnsent();
  }

  #keepFolded() {
    const section = /** @type {HTMLDetailsElement} */ (one(this, ".sidebar-section"));
    section.open = !ChatSidebar.#folded;
    section.addEventListener("toggle", () => {
      ChatSidebar.#folded = !section.open;
    });
  }

  #keepScrolled() {
    const scroller = one(this, ".sidebar-scroll");
    // Even 0 would have the page laid out at once.
    if (ChatSidebar.#scrolled) scroller.scrollTop = ChatSidebar.#scrolled;
    scroller.addEventListener("scroll", () => {
      ChatSidebar.#scrolled = scroller.scrollTop;
    });
  }

  #markCurrent() {
    this.#link(location.pathname)?.setAttribute("aria-current", "page");
  }

  #link(href) {
    return one(this, `a[href="${CSS.escape(href)}"]`);
  }
}
