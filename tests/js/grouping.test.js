import assert from "node:assert/strict";
import { test } from "node:test";
import { follows, startsDay } from "chatapp/grouping";

const said = (author, posted) => ({ author, posted });
const first = said("1", "2026-03-01T12:00:00Z");

test("five minutes of one author stand under one head", () => {
  assert.ok(follows(first, said("1", "2026-03-01T12:04:59Z")));
  assert.ok(!follows(first, said("1", "2026-03-01T12:05:00Z")));
  assert.ok(!follows(first, said("2", "2026-03-01T12:00:01Z")));
  assert.ok(!follows(null, first));
});

test("a new day starts by the viewer's clock", () => {
  assert.ok(startsDay(null, first));
  assert.ok(!startsDay(first, said("1", "2026-03-01T12:01:00Z")));
  assert.ok(startsDay(first, said("1", "2026-03-03T12:00:00Z")));
});

test("a new day always has a head", () => {
  const late = new Date(2026, 2, 1, 23, 59, 0);
  const early = new Date(2026, 2, 2, 0, 1, 0);
  assert.ok(!follows(said("1", late.toISOString()), said("1", early.toISOString())));
});

test("a clock that was put back doesn't join what it parts", () => {
  assert.ok(!follows(first, said("1", "2026-03-01T11:59:00Z")));
});
