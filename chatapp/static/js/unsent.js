import { copy } from "chatapp/clipboard";
import { Draft, roomDrafts } from "chatapp/device";
import { complain, confirmed } from "chatapp/dialogs";
import { all, around, hit, one, part } from "chatapp/dom";
import { onOutbox, viewersOutbox } from "chatapp/sending";
import { viewerId } from "chatapp/viewer";
import { word } from "chatapp/words";

/**
 * The texts that no page shows any more, failed messages and drafts of rooms that the viewer is not in.
 *
 * @param {import("chatapp/outbox_store").Entry[]} entries
 * @param {{room: number, text: string}[]} drafts
 * @param {Set<number>} rooms The viewer's, and the one on screen.
 * @returns {{room: number, text: string, key?: string}[]}
 */
export function leftBehind(entries, drafts, rooms) {
  const failed = entries.filter(({ state }) => state === "failed");
  return [...failed.map(({ room, body, key }) => ({ room, text: body, key })), ...drafts].filter(
    ({ room }) => !rooms.has(room),
  );
}

/** Tell of what could not be sent where its room's page is not there to show it. */
export function showUnsent() {
  onOutbox("changed", paintUnsent);
  onOutbox("failed", ({ detail }) => tell(detail));
  document.addEventListener("click", (event) => {
    if (hit(event, ".unsent-link")) open();
    const button = hit(event, "#unsent [data-unsent]");
    if (button) act(button);
  });
}

/** Mark the rooms of the sidebar that have failed messages; under them stands what has no room. */
export function paintUnsent() {
  if (!viewerId()) return;
  const entries = viewersOutbox().store.all();
  const failed = new Set(entries.filter(({ state }) => state === "failed").map(({ room }) => room));
  for (const link of roomLinks()) paintMark(link, failed.has(Number(link.dataset.room)));
  paintLink(texts(entries).length);
}

function tell({ room, reason }) {
  if (room === shownRoom()) return;
  const link = roomLinks().find(({ dataset }) => Number(dataset.room) === room);
  const name = link && one(link, ".room-name")?.textContent;
  const what = name ? word("notSentTo", { room: name }) : word("notSentAnywhere");
  complain(reason ? `${what} ${reason}` : what);
}

function paintMark(link, failed) {
  const mark = one(link, ".unsent-mark");
  if (!failed) mark?.remove();
  else if (!mark) one(link, ".unread-count")?.before(part("unsent-mark") ?? "");
}

function paintLink(count) {
  const shown = one(document, ".sidebar .unsent-link");
  if (!count) {
    shown?.remove();
    return;
  }
  const link = shown ?? part("unsent-link");
  if (!link) return;
  one(link, ".unsent-count").textContent = String(count);
  if (!shown) one(document, ".sidebar-scroll")?.prepend(link);
}

function open() {
  draw();
  dialog()?.showModal();
}

function draw() {
  const rows = texts(viewersOutbox().store.all()).map(({ room, text, key }) => {
    const row = part("unsent-row");
    one(row, ".unsent-text").textContent = text;
    row.dataset.room = String(room);
    if (key) row.dataset.key = key;
    return row;
  });
  one(dialog(), ".unsent-list").replaceChildren(...rows);
  if (!rows.length) dialog().close();
}

async function act(button) {
  const row = around(button, ".unsent-row");
  const text = one(row, ".unsent-text").textContent ?? "";
  if (button.dataset.unsent === "copy") return copy(text, button);
  const action = word("delete");
  if (!(await confirmed({ title: word("deleteMessage"), quote: text, action }))) return;
  const { key, room = "" } = row.dataset;
  if (key) viewersOutbox().discard(key);
  else new Draft(room).keep("");
  draw();
  paintUnsent();
  // The button that had the focus is gone, and with the last text what led here.
  (dialog()?.open ? one(dialog(), "button") : one(document, ".workspace-name"))?.focus();
}

function texts(entries) {
  const rooms = roomLinks().map(({ dataset }) => Number(dataset.room));
  return leftBehind(entries, roomDrafts(), new Set([...rooms, shownRoom()]));
}

const dialog = () => /** @type {HTMLDialogElement | null} */ (document.getElementById("unsent"));

const shownRoom = () => Number(one(document, "chat-room")?.dataset.room ?? 0);

const roomLinks = () => all(document, ".sidebar .room-link[data-room]");
