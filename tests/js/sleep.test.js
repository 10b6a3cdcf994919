import assert from "node:assert/strict";
import { test } from "node:test";
import { Sleep } from "chatapp/sleep";

const NOTHING = { slept: false, late: false };

function make() {
  const at = { now: 0, time: 1_000_000 };
  const sleep = new Sleep({ now: () => at.now }, () => at.time);
  const pass = (milliseconds, onTheWall = milliseconds) => {
    at.now += milliseconds;
    at.time += onTheWall;
    return sleep.look();
  };
  return { pass };
}

test("a second is a second", () => {
  const { pass } = make();
  for (let i = 0; i < 100; i += 1) assert.deepEqual(pass(1_000), NOTHING);
  assert.deepEqual(pass(1_000, 1_400), NOTHING, "the wall clock is set by small steps");
});

test("sleep is noticed though the clock for durations stood still, and once", () => {
  const { pass } = make();
  assert.deepEqual(pass(1_000, 3_600_000), { slept: true, late: false });
  assert.deepEqual(pass(1_000), NOTHING);
});

test("what the clock has counted is no sleep: a page behind others may look once a minute", () => {
  const { pass } = make();
  assert.deepEqual(pass(60_000), { slept: false, late: true });
});

test("a wall clock that is set back says nothing", () => {
  const { pass } = make();
  assert.deepEqual(pass(1_000, -3_600_000), NOTHING);
  assert.deepEqual(pass(1_000), NOTHING);
});
