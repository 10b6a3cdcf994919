import { fragment, one } from "chatapp/dom";
import { listen } from "chatapp/live";
import { paintPresence } from "chatapp/people";
import { getText } from "chatapp/request";
import { readSidebar } from "chatapp/unread";

/** After a loss everybody comes back at once: they don't all ask for their rooms at once. */
const SPREAD = 2_000;
/** Who got no answer asks again after this, then after twice as long each time, up to LONGEST. */
const AGAIN = 1_000;
const LONGEST = 30_000;

/** <chat-sidebar>: the viewer's rooms, fetched anew when the server says that they are others. */
export class ChatSidebar extends HTMLElement {
  // A visit brings another sidebar; it stays where it was scrolled to.
  static #scrolled = 0;
  #ends = [];
  #lost = false;
  #greeted = false;
  #asked = 0;
  #again = AGAIN;
  #retry = 0;

  connectedCallback() {
    this.#ends = [
      listen("rooms", () => this.#refresh()),
      listen("state", ({ online }) => this.#refreshOnReturn(online)),
      listen("welcome", (frame) => this.#compare(frame)),
    ];
    this.#keepScrolled();
    readSidebar();
  }

  disconnectedCallback() {
    for (const end of this.#ends) end();
    clearTimeout(this.#retry);
  }

  /** What changed while nobody was listening? */
  #refreshOnReturn(online) {
    if (online && this.#lost) setTimeout(() => this.#refresh(), Math.random() * SPREAD);
    this.#lost = !online;
  }

  /** What changed between the page and the first welcome? */
  #compare({ rooms }) {
    if (!this.#greeted && this.#isBehind(rooms)) this.#refresh();
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

  async #refresh() {
    clearTimeout(this.#retry);
    const asked = ++this.#asked;
    const html = await getText(`/sidebar?at=${encodeURIComponent(location.pathname)}`).catch(
      () => null,
    );
    // Whoever has asked since gets the newer answer.
    if (asked !== this.#asked || !this.isConnected) return;
    if (html === null) {
      this.#askLater();
      return;
    }
    this.#again = AGAIN;
    const fresh = fragment(html);
    const inner = fresh.querySelector("chat-sidebar");
    this.#replace(inner ? [...inner.childNodes] : [...fresh.childNodes]);
  }

  /** Nothing else would tell of what this one should have. */
  #askLater() {
    this.#retry = setTimeout(() => this.#refresh(), this.#again * (0.5 + Math.random() / 2));
    this.#again = Math.min(LONGEST, this.#again * 2);
  }

  #replace(nodes) {
    const focused =
      this.contains(document.activeElement) && document.activeElement?.getAttribute("href");
    this.replaceChildren(...nodes);
    this.#keepScrolled();
    this.#markCurrent();
    if (focused) this.#link(focused)?.focus();
    readSidebar();
    paintPresence(this);
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
