import assert from "node:assert/strict";
import { test } from "node:test";
import { Sequence } from "chatapp/sequence";
import { FakeClock } from "./fake_clock.js";

function make(have = 0, isComing = () => false) {
  const clock = new FakeClock();
  const applied = [];
  const asked = [];
  const sequence = new Sequence({
    have,
    clock,
    apply: (change) => applied.push(change.seq),
    ask: () => asked.push(sequence.have),
    isComing,
  });
  const hear = (...seqs) => {
    for (const seq of seqs) sequence.receive({ seq });
  };
  return { clock, applied, asked, sequence, hear };
}

test("changes in order are shown at once", async () => {
  const { clock, applied, asked, hear } = make(4);
  hear(5, 6, 7);
  assert.deepEqual(applied, [5, 6, 7]);
  await clock.advance(60_000);
  assert.deepEqual(asked, []);
});

test("what was missed joins on to what is shown, and brings more", () => {
  const { sequence } = make(4);
  assert.ok(sequence.goesOnWith({ since: 4, seq: 7 }));
  assert.ok(sequence.goesOnWith({ since: 2, seq: 5 }));
  assert.ok(!sequence.goesOnWith({ since: 5, seq: 7 }), "there is a hole before it");
  assert.ok(!sequence.goesOnWith({ since: 2, seq: 4 }), "it is known already");
});

test("what came live before what was missed is shown after it, and nothing is asked", async () => {
  const { clock, applied, asked, sequence, hear } = make(4);
  hear(7, 8);
  sequence.caughtUp(6);
  sequence.behind(8);
  await clock.advance(60_000);
  assert.deepEqual([applied, asked, sequence.have], [[7, 8], [], 8]);
});

test("what is about to come anyhow is not asked for, and soon is when it has not come", async () => {
  let isComing = true;
  const { clock, asked, hear } = make(4, () => isComing);
  hear(6);
  await clock.advance(3_000);
  assert.deepEqual(asked, []);
  isComing = false;
  await clock.advance(100);
  assert.deepEqual(asked, [4]);
});

test("what came before is dropped", () => {
  const { applied, hear } = make(4);
  hear(5, 5, 3, 5);
  assert.deepEqual(applied, [5]);
});

test("what comes early waits for the one before it and nothing is asked", async () => {
  const { clock, applied, asked, hear } = make();
  hear(1, 3, 2, 4);
  await clock.advance(60_000);
  assert.deepEqual([applied, asked], [[1, 2, 3, 4], []]);
});

test("a gap that stays is asked for after 100 ms", async () => {
  const { clock, applied, asked, hear } = make();
  hear(1, 4);
  await clock.advance(99);
  assert.deepEqual(asked, []);
  await clock.advance(1);
  assert.deepEqual([applied, asked], [[1], [1]]);
});

test("after catching up the held ones follow, each once", async () => {
  const { clock, applied, sequence, hear } = make();
  hear(1, 4, 5);
  await clock.advance(100);
  sequence.caughtUp(4);
  assert.deepEqual(applied, [1, 5]);
  assert.equal(sequence.have, 5);
});

test("a head further on is asked for, unless it arrives by itself", async () => {
  const { clock, asked, sequence, hear } = make(7);
  sequence.behind(8);
  hear(8);
  await clock.advance(1_000);
  assert.deepEqual(asked, []);
  sequence.behind(9);
  await clock.advance(100);
  assert.deepEqual(asked, [8]);
});

test("asking in vain is repeated, more and more rarely", async () => {
  const { clock, asked, sequence } = make(7);
  sequence.behind(9);
  await clock.advance(700);
  assert.equal(asked.length, 3);
  await clock.advance(60_000);
  assert.ok(asked.length < 25, `${asked.length} times in a minute`);
  sequence.caughtUp(9);
  const before = asked.length;
  await clock.advance(60_000);
  assert.equal(asked.length, before);
});

test("an older head changes nothing", async () => {
  const { clock, asked, sequence } = make(7);
  sequence.behind(3);
  await clock.advance(1_000);
  assert.deepEqual(asked, []);
});

test("any order of arrival ends in the same list", async () => {
  for (let round = 0; round < 200; round += 1) {
    const { clock, applied, sequence, hear } = make();
    const seqs = Array.from({ length: 30 }, (_, i) => i + 1);
    const arriving = [...seqs, ...seqs].sort(() => Math.random() - 0.5);
    hear(...arriving);
    await clock.advance(0);
    assert.deepEqual(applied, seqs);
    assert.equal(sequence.have, 30);
  }
});
