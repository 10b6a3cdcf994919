import assert from "node:assert/strict";
import { test } from "node:test";
import { CatchUp, TOO_FAR } from "chatapp/catch_up";
import { FakeClock, settle } from "./fake_clock.js";

function make(answers, gap = 0, random = () => 0.5) {
  const line = { online: true };
  const clock = new FakeClock();
  const applied = [];
  const log = [];
  const catchUp = new CatchUp({
    clock,
    random,
    fetchPage: async () => {
      log.push("fetch");
      const answer = answers.shift();
      if (answer instanceof Error) throw answer;
      return answer;
    },
    apply: (page) => applied.push(page.seq),
    gap: () => gap,
    startAfresh: () => log.push("afresh"),
    isFinal: (error) => error.message === "gone",
    isOnline: () => line.online,
  });
  return { clock, applied, log, catchUp, line };
}

const page = (seq, more, count = 1) => ({ seq, more, messages: Array(count).fill({}) });

test("pages are fetched until there are no more", async () => {
  const { applied, catchUp } = make([page(100, true), page(200, true), page(230, false)]);
  await catchUp.run();
  assert.deepEqual(applied, [100, 200, 230]);
});

test("a failing network is tried again", async () => {
  const { clock, applied, log, catchUp } = make([new Error(), new Error(), page(3, false)]);
  const round = catchUp.run();
  await clock.advance(10_000);
  await round;
  assert.deepEqual([applied, log.length], [[3], 3]);
});

test("what was given up is asked for again at once", async () => {
  const givenUp = Object.assign(new Error(), { givenUp: true });
  const { clock, applied, catchUp } = make([givenUp, page(3, false)], 0, () => 0.999);
  catchUp.run();
  await clock.advance(0);
  assert.deepEqual(applied, [3]);
});

test("while the server is heard, an outage of its database is over within 5 s", async () => {
  const answers = [];
  const { clock, applied, catchUp } = make(answers, 0, () => 0.999);
  answers.shift = () => new Error();
  catchUp.run();
  await clock.advance(60_000);
  answers.shift = () => page(3, false);
  await clock.advance(5_000);
  assert.deepEqual(applied, [3]);
});

test("while it isn't, it is asked rarely, and its first word wakes", async () => {
  const answers = [];
  const { clock, applied, log, catchUp, line } = make(answers, 0, () => 0.999);
  answers.shift = () => new Error();
  line.online = false;
  catchUp.run();
  await clock.advance(300_000);
  catchUp.run();
  await settle();
  assert.ok(log.length < 20, `${log.length}`);
  answers.shift = () => page(3, false);
  catchUp.wake();
  await settle();
  assert.deepEqual(applied, [3]);
});

test("what is asked while it waits wakes it, and nothing is fetched twice for it", async () => {
  const { applied, log, catchUp } = make([new Error(), page(3, false), page(3, false)]);
  catchUp.run();
  await settle();
  catchUp.run();
  await settle();
  assert.deepEqual([applied, log.length], [[3], 2]);
});

test("a room that is gone isn't asked for again", async () => {
  const { clock, log, catchUp } = make([new Error("gone")]);
  await catchUp.run();
  await clock.advance(60_000);
  assert.deepEqual(log, ["fetch"]);
});

test("one round at a time, and what is asked meanwhile follows it once", async () => {
  const { applied, log, catchUp } = make([page(1, false), page(2, false), page(3, false)]);
  const first = catchUp.run();
  catchUp.run();
  catchUp.run();
  await first;
  await settle();
  assert.deepEqual([applied, log.length], [[1, 2], 2]);
});

test("after too wide a gap the page starts afresh", async () => {
  const pages = Array.from({ length: 20 }, (_, i) => page((i + 1) * 100, true, 100));
  const { applied, log, catchUp } = make(pages);
  await catchUp.run();
  assert.equal(log.at(-1), "afresh");
  assert.ok(applied.length * 100 < TOO_FAR);
});

test("a gap that is known to be too wide isn't fetched at all", async () => {
  const { log, catchUp } = make([], TOO_FAR + 1);
  await catchUp.run();
  assert.deepEqual(log, ["afresh"]);
});

test("another epoch starts afresh", async () => {
  const { applied, log, catchUp } = make([{ epoch: "b", reset: true }]);
  await catchUp.run();
  assert.deepEqual([applied, log], [[], ["fetch", "afresh"]]);
});

test("a page that arrives after the end is not shown", async () => {
  const { applied, catchUp } = make([page(1, false)]);
  const round = catchUp.run();
  catchUp.stop();
  await round;
  assert.deepEqual(applied, []);
});
