import { all } from "chatapp/dom";
import { listen } from "chatapp/live";
import { viewerId } from "chatapp/viewer";
import { plural } from "chatapp/words";

/** How many messages of each room the viewer hasn't read. Both numbers only ever grow. */
export class Unread {
  /** @type {Map<number, {number: number, read: number}>} */ #rooms = new Map();

  /** @param {() => void} changed */
  constructor(changed) {
    this.changed = changed;
  }

  /**
   * What is known of a room: the number of its newest message, the number of the last one read.
   *
   * @param {number} room
   * @param {{number?: number, read?: number}} news
   */
  update(room, { number = 0, read = 0 }) {
    const known = this.#rooms.get(room) ?? { number: 0, read: 0 };
    const next = { number: Math.max(known.number, number), read: Math.max(known.read, read) };
    if (next.number === known.number && next.read === known.read) return;
    this.#rooms.set(room, next);
    this.changed();
  }

  /**
   * The viewer's rooms are these and no others.
   * @param {Iterable<number>} rooms
   */
  keep(rooms) {
    const kept = new Set(rooms);
    for (const room of this.#rooms.keys()) if (!kept.has(room)) this.#rooms.delete(room);
    this.changed();
  }

  /** @param {number} room */
  count(room) {
    const { number, read } = this.#rooms.get(room) ?? { number: 0, read: 0 };
    return Math.max(0, number - read);
  }

  total() {
    return [...this.#rooms.keys()].reduce((sum, room) => sum + this.count(room), 0);
  }
}

/** How many unread messages each of the viewer's rooms has. */
export const unread = new Unread(paintSoon);

const MOST = 99;

/** Keep the counts from the socket. */
export function countUnread() {
  listen("welcome", ({ rooms }) => {
    for (const [room, mark] of Object.entries(rooms)) unread.update(Number(room), mark);
    unread.keep(Object.keys(rooms).map(Number));
  });
  // Whoever writes has read what stands above.
  const hear = ({ room, number, author }) => {
    unread.update(room, author === viewerId() ? { number, read: number } : { number });
  };
  listen("head", hear);
  listen("message", (frame) => frame.change === "posted" && hear(frame));
  listen("missed", ({ room, messages }) => {
    for (const message of messages) hear({ room, ...message });
  });
  listen("read", ({ room, number }) => unread.update(room, { read: number }));
}

/** Whose counts they are. */
let owner = 0;

/** Take the numbers that a new sidebar came with, and show what is known. */
export function readSidebar() {
  forgetOthers();
  const links = roomLinks();
  const hasSidebar = document.querySelector("chat-sidebar") !== null;
  if (hasSidebar) unread.keep(links.map(({ dataset }) => Number(dataset.room)));
  for (const { dataset } of links) {
    unread.update(Number(dataset.room), {
      number: Number(dataset.number),
      read: Number(dataset.read),
    });
  }
  paintSoon();
}

/** Somebody else may have signed in since: what the one before has read isn't read. */
function forgetOthers() {
  if (owner !== viewerId()) unread.keep([]);
  owner = viewerId();
}

let painting = false;

/** Numbers mostly change together, and are painted once for all of them. */
function paintSoon() {
  if (painting) return;
  painting = true;
  queueMicrotask(paintUnread);
}

function paintUnread() {
  painting = false;
  for (const link of roomLinks()) {
    const count = unread.count(Number(link.dataset.room));
    link.classList.toggle("is-unread", count > 0);
    const badge = link.querySelector(".unread-count");
    if (badge) paintBadge(badge, count);
  }
  paintTitle(unread.total());
}

function paintBadge(badge, count) {
  const text = count ? short(count) : "";
  // The server has written the number, and not what it is the number of.
  if (badge.textContent === text && badge.hasAttribute("aria-label") === count > 0) return;
  badge.textContent = text;
  if (count) {
    badge.setAttribute("role", "img");
    badge.setAttribute("aria-label", plural("unread", count));
  } else {
    badge.removeAttribute("role");
    badge.removeAttribute("aria-label");
  }
}

/** What stands in the title with its count, and what the page calls itself. */
let painted = { title: "", name: "" };

/**
 * The page calls itself otherwise from now on.
 * @param {string} name
 */
export function retitle(name) {
  paintTitle(unread.total(), name);
}

/** A page may be called "(3) things" by itself. */
const pageName = () => (document.title === painted.title ? painted.name : document.title);

function paintTitle(total, name = pageName()) {
  document.title = total && viewerId() ? `(${short(total)}) ${name}` : name;
  painted = { title: document.title, name };
  const icon = /** @type {HTMLLinkElement | null} */ (
    document.querySelector("link[rel=icon][data-unread]")
  );
  if (!icon) return;
  icon.dataset.plain ??= icon.href;
  icon.href = (total && icon.dataset.unread) || icon.dataset.plain;
}

const short = (count) => (count > MOST ? `${MOST}+` : String(count));

const roomLinks = () => all(document, ".room-link[data-room]");
