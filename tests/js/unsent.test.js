import assert from "node:assert/strict";
import { afterEach, beforeEach, test } from "node:test";
import { Draft, device, forgetDrafts, roomDrafts } from "chatapp/device";
import { leftBehind } from "chatapp/unsent";

beforeEach(() => {
  globalThis.document = { querySelector: () => ({ content: "7" }) };
});

afterEach(() => {
  forgetDrafts();
  delete globalThis.document;
});

test("what failed in a room that one is not in any more is left behind, with its draft", () => {
  const entry = (room, body, state) => ({ room, body, state, key: body, order: 1, posted: "" });
  const entries = [
    entry(1, "shown there", "failed"),
    entry(2, "left", "failed"),
    entry(3, "waits", "waiting"),
  ];
  const drafts = [
    { room: 1, text: "goes on" },
    { room: 2, text: "begun" },
  ];
  assert.deepEqual(leftBehind(entries, drafts, new Set([1])), [
    { room: 2, text: "left", key: "left" },
    { room: 2, text: "begun" },
  ]);
});

test("drafts of messages are one's own, and edits are none", () => {
  new Draft(12).keep("begun\nthere");
  new Draft("edit.12").keep("{}");
  device.setItem("chatapp.draft.8.12", "another's");
  assert.deepEqual(roomDrafts(), [{ room: 12, text: "begun\nthere" }]);
  device.removeItem("chatapp.draft.8.12");
});
