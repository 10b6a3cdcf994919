import assert from "node:assert/strict";
import { test } from "node:test";
import { Activity } from "chatapp/presence_report";
import { FakeClock } from "./fake_clock.js";

const MINUTE = 60_000;

function make() {
  const clock = new FakeClock();
  const states = [];
  const activity = new Activity({ clock, changed: (state) => states.push(state) });
  return { clock, states, activity };
}

test("five minutes without a sign of life is away", async () => {
  const { clock, states } = make();
  await clock.advance(5 * MINUTE - 1);
  assert.deepEqual(states, []);
  await clock.advance(1);
  assert.deepEqual(states, ["away"]);
});

test("each sign of life counts from then", async () => {
  const { clock, states, activity } = make();
  for (let i = 0; i < 10; i += 1) {
    await clock.advance(4 * MINUTE);
    activity.touch();
  }
  assert.deepEqual(states, []);
  await clock.advance(5 * MINUTE);
  assert.deepEqual(states, ["away"]);
});

test("a sign of life brings back", async () => {
  const { clock, states, activity } = make();
  await clock.advance(6 * MINUTE);
  activity.touch();
  await clock.advance(5 * MINUTE);
  assert.deepEqual(states, ["away", "active", "away"]);
});

test("hidden is away at once, shown is back at once", () => {
  const { states, activity } = make();
  activity.setHidden(true);
  activity.touch();
  activity.setHidden(false);
  assert.deepEqual(states, ["away", "active"]);
});
