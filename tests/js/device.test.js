import assert from "node:assert/strict";
import { test } from "node:test";

test("where the browser forbids to remember, the page does it as long as it lives", async () => {
  globalThis.window = {
    get localStorage() {
      throw new Error("SecurityError");
    },
  };
  const { device } = await import("chatapp/device");
  device.setItem("name", "text");
  assert.deepEqual([device.getItem("name"), device.key(0), device.length], ["text", "name", 1]);
  device.removeItem("name");
  assert.equal(device.getItem("name"), null);
  delete globalThis.window;
});
