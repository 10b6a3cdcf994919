import assert from "node:assert/strict";
import { test } from "node:test";
import { TypingNotice, TypingPeople } from "chatapp/typing";
import { FakeClock } from "./fake_clock.js";

test("typing is said at most every three seconds", async () => {
  const clock = new FakeClock();
  let said = 0;
  const notice = new TypingNotice({ clock, say: () => (said += 1) });
  for (let i = 0; i < 100; i += 1) {
    notice.typed();
    await clock.advance(100);
  }
  assert.equal(said, 4);
  notice.sent();
  notice.typed();
  assert.equal(said, 5);
});

test("names go after five seconds, later with each new word", async () => {
  const clock = new FakeClock();
  let shown = [];
  const people = new TypingPeople({ clock, changed: (names) => (shown = names) });
  people.heard(1, "Ann");
  people.heard(2, "Bo");
  await clock.advance(4_000);
  people.heard(1, "Ann");
  assert.deepEqual(shown, ["Ann", "Bo"]);
  await clock.advance(1_000);
  assert.deepEqual(shown, ["Ann"]);
  await clock.advance(4_000);
  assert.deepEqual(shown, []);
});

test("whoever has sent types no more", () => {
  let shown = [];
  const people = new TypingPeople({ clock: new FakeClock(), changed: (names) => (shown = names) });
  people.heard(1, "Ann");
  people.stopped(1);
  assert.deepEqual(shown, []);
});
