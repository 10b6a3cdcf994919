import assert from "node:assert/strict";
import { test } from "node:test";
import { Socket } from "chatapp/socket";
import { FakeClock } from "./fake_clock.js";

function make({ random = () => 0.5 } = {}) {
  const clock = new FakeClock();
  const opened = [];
  const heard = [];
  const states = [];
  const asides = [];
  const socket = new Socket({
    clock,
    random,
    open: () => {
      const line = { said: [], closed: false };
      line.send = (text) => line.said.push(JSON.parse(text));
      line.close = () => (line.closed = true);
      line.tell = (frame) => line.onmessage({ data: JSON.stringify(frame) });
      line.welcome = () => line.tell({ type: "welcome" });
      line.cut = (code = 1006) => line.onclose({ code });
      opened.push(line);
      return line;
    },
    onFrame: (frame) => heard.push(frame.type),
    onState: (online) => states.push(online),
    onSignedOut: () => asides.push("signed out"),
    ask: () => asides.push("asked"),
    onDead: () => asides.push("dead"),
    onFailure: (attempt) => asides.push(attempt),
  });
  socket.start();
  return { clock, opened, heard, states, asides, socket };
}

test("it is online after the welcome, and says nothing before", () => {
  const { opened, states, socket } = make();
  socket.send({ type: "typing" });
  assert.deepEqual(states, []);
  opened[0].welcome();
  socket.send({ type: "typing" });
  assert.deepEqual([states, opened[0].said.length], [[true], 1]);
});

test("12 s of silence is offline", async () => {
  const { clock, opened, states } = make();
  opened[0].welcome();
  await clock.advance(11_999);
  assert.deepEqual(states, [true]);
  await clock.advance(1);
  assert.deepEqual(states, [true, false]);
  assert.ok(opened[0].closed);
});

test("a beat keeps it online and is told to nobody", async () => {
  const { clock, opened, states, heard } = make();
  opened[0].welcome();
  for (let i = 0; i < 10; i += 1) {
    await clock.advance(6_000);
    opened[0].tell({ type: "beat" });
  }
  assert.deepEqual([states, heard], [[true], ["welcome"]]);
});

test("a handshake that hangs is given up", async () => {
  const { clock, opened } = make();
  await clock.advance(12_000 + 2_000);
  assert.equal(opened.length, 2);
});

test("the first return is within a second and a half, later ones within thirty", async () => {
  const { clock, opened } = make({ random: () => 0.999 });
  opened[0].welcome();
  opened[0].cut();
  await clock.advance(1_500);
  assert.equal(opened.length, 2);
  for (let i = 2; i < 8; i += 1) {
    opened.at(-1).cut();
    const before = clock.now();
    while (opened.length === i) await clock.advance(100);
    assert.ok(clock.now() - before <= 30_000);
  }
});

/** How long each of so many tries in a row waits, when every one fails at once. */
async function waits(times, random, code) {
  const { clock, opened } = make({ random });
  opened[0].welcome();
  const found = [];
  for (let i = 1; i <= times; i += 1) {
    opened.at(-1).cut(code);
    const before = clock.now();
    while (opened.length === i) await clock.advance(50);
    found.push(clock.now() - before);
  }
  return found;
}

test("an outage of a minute is over within 4 s, a long one is asked about rarely", async () => {
  const found = await waits(60, () => 0.999);
  let away = 0;
  for (const [i, wait] of found.entries()) {
    const most = i === 0 ? 1_500 : Math.max(4_000, away / 15);
    assert.ok(wait <= Math.min(30_000, most) + 50, `${wait} after ${away}`);
    away += wait;
  }
  assert.ok(found.at(-1) > 29_000);
});

test("a line that lasted forgets how long it took", async () => {
  const { clock, opened } = make({ random: () => 0.999 });
  for (let i = 1; i <= 40; i += 1) {
    opened.at(-1).cut();
    while (opened.length === i) await clock.advance(100);
  }
  opened.at(-1).welcome();
  opened.at(-1).tell({ type: "beat" });
  for (const most of [1_500, 4_000]) {
    const before = opened.length;
    opened.at(-1).cut();
    await clock.advance(most);
    assert.equal(opened.length, before + 1);
  }
});

test("whoever asked too much comes back after 5 s, not in step", async () => {
  for (const code of [1008, 1009]) {
    for (const wait of await waits(3, () => 0, code)) assert.equal(wait, 5_000);
    const [late] = await waits(1, () => 0.9, code);
    assert.ok(late > 6_000 && late < 10_000, `${late}`);
  }
});

test("a restarting server has its people back within 3 s, spread", async () => {
  const found = [];
  for (const share of [0, 0.25, 0.5, 0.75, 0.999]) {
    const [wait] = await waits(1, () => share, 1012);
    found.push(wait);
  }
  assert.deepEqual(found, [50, 750, 1_500, 2_250, 3_000]);
});

test("people don't return in step", async () => {
  let n = 0;
  const waits = [];
  for (const random of [() => 0.1, () => 0.9]) {
    const { clock, opened } = make({ random });
    opened[0].cut(1012);
    for (n = 0; opened.length < 2; n += 1) await clock.advance(100);
    waits.push(n);
  }
  assert.ok(waits[1] - waits[0] > 10, `${waits}`);
});

test("too slow returns at once, but not for ever", async () => {
  const { clock, opened } = make();
  opened[0].cut(1013);
  await clock.advance(0);
  assert.equal(opened.length, 2);
  opened[1].cut(1013);
  await clock.advance(0);
  assert.equal(opened.length, 2);
});

test("signed out stays out", async () => {
  for (const code of [4001, 4003]) {
    const { clock, opened, asides } = make();
    opened[0].welcome();
    opened[0].cut(code);
    await clock.advance(120_000);
    assert.deepEqual([opened.length, asides], [1, ["signed out"]]);
  }
});

test("waking returns at once", async () => {
  const { clock, opened, socket } = make();
  opened[0].cut();
  opened.length = 0;
  socket.wake();
  assert.equal(opened.length, 1);
  await clock.advance(20_000);
  assert.equal(opened.length, 2, "the hanging one was given up, and none was opened twice");
});

test("waking doubts a line that was quiet for longer than a beat, and no other", async () => {
  const { clock, opened, socket } = make();
  opened[0].welcome();
  await clock.advance(5_000);
  socket.wake();
  assert.equal(opened.length, 1);
  await clock.advance(3_000);
  socket.wake();
  assert.equal(opened.length, 2);
  assert.ok(opened[0].closed);
});

test("after sleep a line without an answer is replaced within 3 s, whatever was on its way", async () => {
  const { clock, opened, asides, socket } = make();
  opened[0].welcome();
  // Its clock stood still with the machine: nothing tells how long the line was quiet.
  socket.wake({ slept: true });
  assert.deepEqual(asides, ["asked"]);
  await clock.advance(100);
  opened[0].tell({ type: "message" });
  opened[0].tell({ type: "beat" });
  await clock.advance(2_900);
  assert.deepEqual([opened.length, opened[0].closed, asides], [2, true, ["asked", "dead"]]);
  opened[1].welcome();
  assert.ok(socket.online);
});

test("a line that answers after sleep, or after the clock was set, is kept", async () => {
  for (const type of ["missed", "subscribed", "error"]) {
    const { clock, opened, states, asides, socket } = make();
    opened[0].welcome();
    socket.wake({ slept: true });
    await clock.advance(2_000);
    opened[0].tell({ type });
    await clock.advance(11_000);
    assert.deepEqual([opened.length, states, asides], [1, [true], ["asked"]]);
    await clock.advance(1_000);
    assert.deepEqual(states, [true, false], "silence is still noticed");
  }
});

test("a handshake that slept has as long, and who waited to return doesn't any more", async () => {
  const { clock, opened, socket } = make();
  socket.wake({ slept: true });
  await clock.advance(2_499);
  assert.equal(opened.length, 1);
  await clock.advance(1);
  assert.equal(opened.length, 2);
  opened[1].cut();
  socket.wake({ slept: true });
  assert.equal(opened.length, 3);
});

test("a line that was dropped is heard no more", () => {
  const { clock, opened, heard, socket } = make();
  opened[0].welcome();
  clock.advance(8_000);
  opened[0].cut();
  socket.wake();
  opened[0].tell({ type: "message" });
  opened[0].cut();
  assert.deepEqual(heard, ["welcome"]);
});

test("stopped is stopped", async () => {
  const { clock, opened, socket } = make();
  opened[0].welcome();
  socket.stop();
  await clock.advance(120_000);
  assert.equal(opened.length, 1);
});
