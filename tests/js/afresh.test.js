import assert from "node:assert/strict";
import { test } from "node:test";
import { startAfresh } from "chatapp/afresh";

test("a page is loaded anew once, and again where that came to nothing", (t) => {
  let now = 0;
  let reloads = 0;
  t.mock.method(performance, "now", () => now);
  globalThis.location = { reload: () => (reloads += 1) };
  for (now of [5, 400, 19_000]) startAfresh();
  assert.equal(reloads, 1);
  now = 21_000;
  startAfresh();
  assert.equal(reloads, 2);
  delete globalThis.location;
});
