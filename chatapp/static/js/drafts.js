import { device } from "chatapp/device";
import { viewerId } from "chatapp/viewer";

const PREFIX = "chatapp.draft.";
const name = (room) => `${PREFIX}${viewerId()}.${room}`;

/**
 * What the viewer had begun to write in a room on this device.
 * @param {number} room
 */
export const draft = (room) => device.getItem(name(room)) ?? "";

/**
 * @param {number} room
 * @param {string} text
 */
export function keepDraft(room, text) {
  try {
    if (text) device.setItem(name(room), text);
    else device.removeItem(name(room));
  } catch {
    // A full storage: the text is still in the field.
  }
}

/** Forget everything begun by the viewer. */
export function forgetDrafts() {
  const names = Array.from({ length: device.length }, (_, i) => device.key(i) ?? "");
  for (const each of names) if (each.startsWith(`${PREFIX}${viewerId()}.`)) device.removeItem(each);
}
