import assert from "node:assert/strict";
import { test } from "node:test";
import { ReadMark } from "chatapp/read_mark";
import { FakeClock } from "./fake_clock.js";

function make() {
  const clock = new FakeClock();
  const page = { clock, sent: [], visible: true, fails: false, chance: 0 };
  page.mark = new ReadMark({
    read: 5,
    clock,
    inView: () => page.visible,
    random: () => page.chance,
    send: async (number) => {
      if (page.fails) throw new Error("offline");
      page.sent.push(number);
    },
  });
  return page;
}

test("a burst of messages is marked once", async () => {
  const { mark, clock, sent } = make();
  for (let number = 6; number < 20; number += 1) mark.look(number);
  await clock.advance(1_000);
  assert.deepEqual(sent, [19]);
});

test("what nobody looks at stays unread until somebody does", async () => {
  const page = make();
  page.visible = false;
  page.mark.look(6);
  await page.clock.advance(60_000);
  assert.deepEqual(page.sent, []);
  page.visible = true;
  page.mark.look(6);
  await page.clock.advance(1_000);
  assert.deepEqual(page.sent, [6]);
});

test("a glance isn't reading", async () => {
  const page = make();
  page.mark.look(6);
  page.visible = false;
  await page.clock.advance(1_000);
  assert.deepEqual(page.sent, []);
});

test("what is read elsewhere isn't said again", async () => {
  const { mark, clock, sent } = make();
  mark.moved(8);
  mark.look(8);
  await clock.advance(1_000);
  assert.deepEqual(sent, []);
});

test("a mark that failed is said again at the next look", async () => {
  const page = make();
  page.fails = true;
  page.mark.look(6);
  await page.clock.advance(1_000);
  page.fails = false;
  page.mark.look(6);
  await page.clock.advance(1_000);
  assert.deepEqual(page.sent, [6]);
});

test("a mark that the server has not heard of when it greets is said again", async () => {
  const { mark, clock, sent } = make();
  mark.look(6);
  await clock.advance(1_000);
  mark.heard(5);
  mark.look(6);
  await clock.advance(1_000);
  mark.heard(6);
  mark.look(6);
  await clock.advance(1_000);
  assert.deepEqual(sent, [6, 6]);
});

test("those who hear a message at once don't all say so at once", async () => {
  const [first, last, opening] = [make(), make(), make()];
  last.chance = opening.chance = 0.999;
  for (const page of [first, last]) page.mark.look(6, true);
  opening.mark.look(6);
  for (const page of [first, last, opening]) await page.clock.advance(500);
  assert.deepEqual([first.sent, last.sent, opening.sent], [[6], [], [6]]);
  await last.clock.advance(500);
  assert.deepEqual(last.sent, [6]);
});
