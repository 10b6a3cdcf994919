import assert from "node:assert/strict";
import { test } from "node:test";
import { viewersOutbox } from "chatapp/sending";
import { settle } from "./fake_clock.js";

test("what one has written waits while somebody else is signed in", async (t) => {
  const viewer = { content: "7" };
  const posted = [];
  let status = 503;
  globalThis.document = { querySelector: () => viewer };
  // Neither locks nor, in older versions of node, anything else.
  Object.defineProperty(globalThis, "navigator", { value: {}, configurable: true });
  t.mock.method(globalThis, "fetch", async (_url, { body }) => {
    posted.push([viewer.content, body.get("body")]);
    return new Response('{"id": 1}', { status });
  });
  const outbox = viewersOutbox();
  outbox.add(1, "mine");
  await settle();
  assert.deepEqual(posted, [["7", "mine"]]);
  [viewer.content, status] = ["8", 200];
  outbox.resume();
  for (let i = 0; i < 9; i += 1) await settle();
  assert.deepEqual(posted, [["7", "mine"]]);
  assert.deepEqual(
    outbox.entries(1).map(({ body, state }) => [body, state]),
    [["mine", "waiting"]],
  );
  viewer.content = "7";
  viewersOutbox().resume();
  for (let i = 0; i < 9; i += 1) await settle();
  assert.deepEqual([posted.at(-1), outbox.entries(1)], [["7", "mine"], []]);
  delete globalThis.document;
});
