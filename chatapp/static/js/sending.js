import { clock } from "chatapp/clock";
import { device } from "chatapp/device";
import { isOnline, listen } from "chatapp/live";
import { Outbox } from "chatapp/outbox";
import { OutboxStore } from "chatapp/outbox_store";
import { post, RequestError, SIGNED_OUT } from "chatapp/request";
import { viewerId } from "chatapp/viewer";

/** The tab where it was written has so long before others take turns with it, or take over. */
const FIRST = 3_000;

/** A new message's own name: a random UUID, also where the page didn't come over TLS. */
export function newClientKey() {
  if (crypto.randomUUID) return crypto.randomUUID();
  const bytes = crypto.getRandomValues(new Uint8Array(16));
  bytes[6] = (bytes[6] & 0x0f) | 0x40;
  bytes[8] = (bytes[8] & 0x3f) | 0x80;
  const hex = Array.from(bytes, (byte) => byte.toString(16).padStart(2, "0")).join("");
  return hex.replace(/^(.{8})(.{4})(.{4})(.{4})(.{12})$/, "$1-$2-$3-$4-$5");
}

/** @type {Outbox | null} */
let outbox = null;
let owner = 0;
const news = new EventTarget();

/** The viewer's outbox, the same over all visits of this page. */
export function viewersOutbox() {
  if (!outbox || owner !== viewerId()) outbox = open(viewerId());
  return outbox;
}

/**
 * Hear that the outbox changed, of each confirmed message: `detail` is then {room, answer}, and of each
 * that was refused: `detail` is its entry.
 *
 * @param {"changed" | "sent" | "failed"} type
 * @param {(event: any) => void} handler
 */
export function onOutbox(type, handler) {
  news.addEventListener(type, handler);
  return () => news.removeEventListener(type, handler);
}

/** Send what is left from before, and go on whenever the network is back. */
export function keepSending() {
  for (const type of ["welcome", "awake"])
    listen(type, () => viewerId() && viewersOutbox().resume());
  addEventListener("storage", ({ key }) => {
    if (!outbox?.store.owns(key)) return;
    news.dispatchEvent(new Event("changed"));
    clock.after(FIRST, () => outbox?.takeTurns());
  });
}

function open(user) {
  owner = user;
  return new Outbox({
    store: new OutboxStore(device, user),
    send: (entry) => postMessage(entry, user),
    lock: (name, act) => (navigator.locks ? navigator.locks.request(name, act) : act()),
    changed: () => news.dispatchEvent(new Event("changed")),
    sent: (room, answer) =>
      news.dispatchEvent(new CustomEvent("sent", { detail: { room, answer } })),
    failed: (entry) => news.dispatchEvent(new CustomEvent("failed", { detail: entry })),
    newKey: newClientKey,
    isOnline,
    clock,
  });
}

/** Only an answer that names the message tells that it is stored: between here and there stand others. */
async function postMessage({ room, key, body }, user) {
  // Somebody else has signed in, who must not say what this one has written.
  if (user !== viewerId()) throw new RequestError(SIGNED_OUT);
  const fields = { client_key: key, body };
  const answer = await post(`/rooms/${room}/messages`, fields, { again: true });
  if (!answer?.id) throw new RequestError(0);
  return answer;
}
