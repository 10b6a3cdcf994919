import assert from "node:assert/strict";
import { test } from "node:test";
import { Unread } from "chatapp/unread";

test("unread is what came after the read mark", () => {
  const unread = new Unread(() => {});
  unread.update(1, { number: 12, read: 9 });
  unread.update(2, { number: 4, read: 4 });
  assert.deepEqual(
    [unread.count(1), unread.count(2), unread.count(3), unread.total()],
    [3, 0, 0, 3],
  );
});

test("late news never brings back what is read", () => {
  const unread = new Unread(() => {});
  unread.update(1, { number: 12, read: 12 });
  unread.update(1, { number: 10, read: 3 });
  assert.equal(unread.count(1), 0);
});

test("only news is told", () => {
  let told = 0;
  const unread = new Unread(() => (told += 1));
  unread.update(1, { number: 2 });
  unread.update(1, { number: 2 });
  unread.update(1, { read: 2 });
  assert.equal(told, 2);
});

test("a room that was left counts no more", () => {
  const unread = new Unread(() => {});
  unread.update(1, { number: 2 });
  unread.update(2, { number: 3 });
  unread.keep([2]);
  assert.equal(unread.total(), 3);
});
