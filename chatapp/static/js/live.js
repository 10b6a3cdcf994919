import { clock } from "chatapp/clock";
import { getText, giveUp, giveUpOverdue, toSignIn } from "chatapp/request";
import { Sleep } from "chatapp/sleep";
import { Socket } from "chatapp/socket";
import { epoch, socketPath, viewerId } from "chatapp/viewer";

/** Sleep is noticed within this time after it. */
const TICK = 1_000;
/** A room that nobody has: asked for it, the server says so. */
const NOWHERE = 0;
/** After every so many tries in vain: it may be the session that is over, not the network. */
const SUSPICIOUS = 3;

/** @type {Map<string, Set<(frame: any) => void>>} */
const listeners = new Map();
/** @type {Map<number, (() => {since: number, epoch: string})[]>} */
const watched = new Map();
/** @type {Socket | null} */
let socket = null;
let who = 0;
/** @type {() => object} */
let tellAtFirst = () => ({});
/** The room whose changes the socket was opened for. */
let opened = 0;

/** Whether the server is heard. */
export const isOnline = () => socket?.online ?? false;

/**
 * Hear every frame of a type; "state" tells of being online or not, "awake" of the network, the
 * machine or the person coming back. Gives the way to stop it.
 *
 * @param {string} type
 * @param {(frame: any) => void} handler
 */
export function listen(type, handler) {
  const handlers = listeners.get(type) ?? new Set();
  listeners.set(type, handlers.add(handler));
  return () => handlers.delete(handler);
}

/**
 * Have each socket's address say this, too: what must not be known a moment later only.
 * @param {() => object} words
 */
export function openWith(words) {
  tellAtFirst = words;
}

/** @param {object} frame */
export const say = (frame) => socket?.send(frame);

/**
 * Hear the changes of a room, now and after every return, and first what is missing of them. Gives
 * the way to stop it.
 *
 * @param {number} room
 * @param {() => {since: number, epoch: string}} have Everything up to `since`, in that history.
 */
export function watch(room, have) {
  watched.set(room, [...(watched.get(room) ?? []), have]);
  subscribe(room);
  return () => unwatch(room, have);
}

function unwatch(room, have) {
  const left = (watched.get(room) ?? []).filter((each) => each !== have);
  if (left.length) {
    watched.set(room, left);
    return;
  }
  watched.delete(room);
  say({ type: "unsubscribe", room });
}

/** Say once more that this room is watched, where it is: the server may have forgotten. */
export function subscribe(room) {
  if (!isOnline() || !watched.has(room)) return;
  const have = watched.get(room)?.at(-1);
  say({ type: "subscribe", room, ...have?.() });
}

/** Have one socket for whoever looks at the page now, and none for a stranger. */
export function connect() {
  const viewer = viewerId();
  if (viewer === who) return;
  who = viewer;
  socket?.stop();
  socket = viewer ? makeSocket() : null;
  socket?.start();
}

/** Feel for the network and the machine coming back. */
export function stayAwake() {
  const sleep = new Sleep(clock);
  const wake = (slept = sleep.look().slept) => {
    if (slept) giveUp();
    socket?.wake({ slept });
    tell({ type: "awake" });
  };
  const back = () => wake();
  addEventListener("online", back);
  addEventListener("pageshow", back);
  document.addEventListener("visibilitychange", () => document.hidden || back());
  setInterval(() => {
    const { slept, late } = sleep.look();
    if (slept || late) wake(slept);
  }, TICK);
  addEventListener("pagehide", () => socket?.stop());
  addEventListener("pageshow", ({ persisted }) => persisted && socket?.start());
}

function makeSocket() {
  return new Socket({
    open: () => new WebSocket(address()),
    clock,
    onFrame: (frame) => {
      if (frame.type === "welcome") greet();
      tell(frame);
    },
    onState: (online) => tell({ type: "state", online }),
    ask: askForAnswer,
    // What was asked for since then has gone the same way.
    onDead: giveUp,
    onSignedOut: toSignIn,
    onFailure: (attempt) => attempt % SUSPICIOUS === 0 && askWhoIsHere(),
  });
}

/** Have the server say something at once: what is missing of the room on screen. */
function askForAnswer() {
  const [room = NOWHERE] = watched.keys();
  say({ type: "subscribe", room, ...watched.get(room)?.at(-1)?.() });
}

/** A browser doesn't tell why a socket was refused. What strangers don't get leads to the sign-in page. */
function askWhoIsHere() {
  getText("/sidebar").catch(() => {});
}

/**
 * Where the socket is, what is on screen, so that its first words are the room's, and what else
 * there is to tell.
 */
function address() {
  const url = new URL(socketPath(), location.href);
  url.protocol = url.protocol.replace("http", "ws");
  const shown = onScreen();
  opened = shown?.room ?? 0;
  for (const [name, value] of Object.entries({ ...shown, ...tellAtFirst() }))
    url.searchParams.set(name, `${value}`);
  return url;
}

function onScreen() {
  const [[room, have] = []] = watched;
  if (have) return { room, ...have.at(-1)?.() };
  // The first page's room is not watched yet.
  const page = /** @type {HTMLElement | null} */ (document.querySelector("chat-room"));
  return (
    page && { room: Number(page.dataset.room), since: Number(page.dataset.seq), epoch: epoch() }
  );
}

function greet() {
  giveUpOverdue();
  for (const room of watched.keys()) if (room !== opened) subscribe(room);
  if (opened && !watched.has(opened)) say({ type: "unsubscribe", room: opened });
}

function tell(frame) {
  for (const handler of listeners.get(frame.type) ?? []) handler(frame);
}
