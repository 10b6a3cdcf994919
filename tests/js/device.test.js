import assert from "node:assert/strict";
import { test } from "node:test";
import { FakeStorage } from "./fake_storage.js";

test("where the browser forbids to remember, the page does it as long as it lives", async () => {
  globalThis.window = {
    get localStorage() {
      throw new Error("SecurityError");
    },
  };
  const { device } = await import("chatapp/device");
  device.setItem("name", "text");
  assert.deepEqual(
    [device.getItem("name"), device.names(), device.hasUnkept],
    ["text", ["name"], true],
  );
  device.removeItem("name");
  assert.equal(device.getItem("name"), null);
  delete globalThis.window;
});

test("what a full storage has no place for lives as long as the page, which is told", async () => {
  const { Device } = await import("chatapp/device");
  const storage = new FakeStorage();
  const device = new Device(storage);
  let told = 0;
  device.onUnkept = () => (told += 1);
  device.setItem("draft", "begun");
  assert.deepEqual([device.hasUnkept, told], [false, 0]);
  storage.full = true;
  device.setItem("draft", "begun and longer");
  assert.deepEqual(
    [device.getItem("draft"), storage.getItem("draft"), device.names(), device.hasUnkept, told],
    ["begun and longer", "begun", ["draft"], true, 1],
  );
  storage.full = false;
  device.setItem("draft", "kept again");
  assert.deepEqual([storage.getItem("draft"), device.hasUnkept], ["kept again", false]);
  device.removeItem("draft");
  assert.deepEqual([device.getItem("draft"), device.names()], [null, []]);
});
