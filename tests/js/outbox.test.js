import assert from "node:assert/strict";
import { test } from "node:test";
import { Device } from "chatapp/device";
import { Outbox } from "chatapp/outbox";
import { OutboxStore } from "chatapp/outbox_store";
import { FakeClock, settle } from "./fake_clock.js";
import { FakeStorage } from "./fake_storage.js";

/** The server's side: what it stored, and how it answers until it is told otherwise. */
class FakeServer {
  stored = [];
  tries = 0;
  answer = () => null;

  async post(entry) {
    this.tries += 1;
    await null;
    const error = this.answer(entry);
    if (error) throw error;
    if (!this.stored.some(({ key }) => key === entry.key)) this.stored.push(entry);
    return { key: entry.key };
  }

  get bodies() {
    return this.stored.map(({ body }) => body);
  }
}

class FakeLocks {
  #tails = new Map();

  request = (name, act) => {
    const turn = (this.#tails.get(name) ?? Promise.resolve()).then(act, act);
    this.#tails.set(name, turn);
    return turn;
  };
}

let keys = 0;

function make({
  storage = new FakeStorage(),
  server = new FakeServer(),
  locks = new FakeLocks(),
  user = 1,
  random = () => 0.5,
} = {}) {
  const clock = new FakeClock();
  const line = { online: true };
  const sent = [];
  const failed = [];
  const outbox = new Outbox({
    store: new OutboxStore(new Device(storage), user),
    send: (entry) => server.post(entry),
    lock: locks.request,
    changed: () => {},
    sent: (_room, answer) => sent.push(answer.key),
    failed: ({ room, reason }) => failed.push([room, reason]),
    newKey: () => `key-${++keys}`,
    isOnline: () => line.online,
    clock,
    random,
  });
  return { clock, outbox, server, storage, locks, sent, failed, line };
}

const failing =
  (status, more = {}) =>
  () =>
    Object.assign(new Error(), { status, ...more });

test("messages arrive in the order typed, and the outbox is empty then", async () => {
  const { clock, outbox, server, sent } = make();
  for (let n = 0; n < 20; n += 1) outbox.add(7, `m${n}`);
  await clock.advance(1_000);
  assert.deepEqual(
    server.bodies,
    Array.from({ length: 20 }, (_, n) => `m${n}`),
  );
  assert.equal(sent.length, 20);
  assert.deepEqual(outbox.entries(7), []);
});

test("offline keeps the order over many tries", async () => {
  const { clock, outbox, server } = make();
  server.answer = failing(0);
  outbox.add(7, "one");
  outbox.add(7, "two");
  await clock.advance(120_000);
  assert.ok(server.tries > 4);
  assert.equal(outbox.entries(7).length, 2);
  server.answer = () => null;
  outbox.resume();
  await clock.advance(0);
  assert.deepEqual(server.bodies, ["one", "two"]);
});

test("an answer that was lost doubles nothing", async () => {
  const { clock, outbox, server } = make();
  const post = server.post.bind(server);
  let lost = 0;
  server.post = async (entry) => {
    await post(entry);
    lost += 1;
    if (lost < 3) throw Object.assign(new Error(), { status: 0 });
    return { key: entry.key };
  };
  outbox.add(7, "once");
  await clock.advance(60_000);
  assert.deepEqual(server.bodies, ["once"]);
});

test("what is refused stays, with the reason, and the next goes on", async () => {
  const { clock, outbox, server } = make();
  server.answer = ({ body }) => (body === "long" ? failing(422, { reason: "Too long." })() : null);
  outbox.add(7, "long");
  outbox.add(7, "short");
  await clock.advance(1_000);
  const [entry] = outbox.entries(7);
  assert.deepEqual([entry.state, entry.reason, server.bodies], ["failed", "Too long.", ["short"]]);
  server.answer = () => null;
  outbox.retry(entry.key);
  await clock.advance(1_000);
  assert.deepEqual([server.bodies, outbox.entries(7)], [["short", "long"], []]);
});

test("what is refused is told once, what is only late isn't", async () => {
  const { clock, outbox, server, failed } = make();
  server.answer = failing(0);
  outbox.add(7, "late");
  await clock.advance(60_000);
  assert.deepEqual(failed, []);
  server.answer = failing(404, { reason: "Not found." });
  outbox.resume();
  await clock.advance(60_000);
  assert.deepEqual(failed, [[7, "Not found."]]);
});

test("a failed message can be given up", async () => {
  const { clock, outbox, server } = make();
  server.answer = failing(403);
  outbox.add(7, "no");
  await clock.advance(1_000);
  outbox.discard(outbox.entries(7)[0].key);
  assert.deepEqual(outbox.entries(7), []);
});

test("what was discarded or wiped while it was being sent stays away", async () => {
  for (const give of [(outbox, key) => outbox.discard(key), (outbox) => outbox.store.clear()]) {
    for (const status of [0, 403]) {
      const { clock, outbox, server } = make();
      let refuse;
      server.post = () => new Promise((_, reject) => (refuse = reject));
      outbox.add(7, "no");
      await clock.advance(0);
      give(outbox, outbox.entries(7)[0].key);
      refuse(failing(status)());
      await clock.advance(60_000);
      assert.deepEqual(outbox.entries(7), []);
    }
  }
});

test("a busy server is asked again when it said", async () => {
  const { clock, outbox, server } = make();
  server.answer = failing(429, { retryAfter: 20 });
  outbox.add(7, "patience");
  await clock.advance(19_000);
  assert.equal(server.tries, 1);
  server.answer = () => null;
  await clock.advance(2_000);
  assert.deepEqual(server.bodies, ["patience"]);
});

test("what was given up is sent again at once, with its key", async () => {
  const { clock, outbox, server } = make({ random: () => 0.999 });
  const keys = [];
  server.answer = ({ key }) => (keys.push(key) === 1 ? failing(0, { givenUp: true })() : null);
  outbox.add(7, "caught by sleep");
  await clock.advance(0);
  assert.deepEqual([server.bodies, keys.length, new Set(keys).size], [["caught by sleep"], 2, 1]);
});

test("those who were told to wait equally long don't come in step", async () => {
  const tries = [];
  for (const share of [0.1, 0.9]) {
    const { clock, outbox, server } = make({ random: () => share });
    server.answer = failing(503, { retryAfter: 2 });
    outbox.add(7, "later");
    await clock.advance(2_500);
    tries.push(server.tries);
  }
  assert.deepEqual(tries, [2, 1]);
});

test("while the server is heard, an outage of its database is over within 5 s", async () => {
  for (const more of [{}, { retryAfter: 2 }]) {
    const { clock, outbox, server } = make({ random: () => 0.999 });
    server.answer = failing(503, more);
    outbox.add(7, "kept");
    await clock.advance(60_000);
    server.answer = () => null;
    await clock.advance(5_000);
    assert.deepEqual(server.bodies, ["kept"]);
  }
});

test("while it isn't, it is asked rarely, and its first word wakes", async () => {
  const { clock, outbox, server, line } = make({ random: () => 0.999 });
  server.answer = failing(0);
  line.online = false;
  outbox.add(7, "kept");
  await clock.advance(300_000);
  assert.ok(server.tries < 20, `${server.tries}`);
  server.answer = () => null;
  outbox.resume();
  await clock.advance(0);
  assert.deepEqual(server.bodies, ["kept"]);
});

test("one room that waits doesn't hold another", async () => {
  const { clock, outbox, server } = make();
  server.answer = ({ room }) => (room === 7 ? failing(0)() : null);
  outbox.add(7, "waits");
  outbox.add(8, "goes");
  await clock.advance(1_000);
  assert.deepEqual(server.bodies, ["goes"]);
});

test("a reload keeps what was typed, in its order", async () => {
  const before = make();
  before.server.answer = failing(0);
  before.outbox.add(7, "one");
  before.outbox.add(7, "two");
  await before.clock.advance(10);
  const after = make({ storage: before.storage });
  after.outbox.resume();
  after.outbox.add(7, "three");
  await after.clock.advance(1_000);
  assert.deepEqual(after.server.bodies, ["one", "two", "three"]);
});

test("two tabs send each message once, with one try", async () => {
  const one = make();
  const two = make(one);
  one.outbox.add(7, "a");
  two.outbox.add(7, "b");
  one.outbox.resume();
  two.outbox.resume();
  for (let i = 0; i < 20; i += 1) await settle();
  assert.deepEqual(one.server.bodies, ["a", "b"]);
  assert.equal(one.server.tries, 2);
});

/** Two tabs that hear of each other's changes, as by `storage` events; each message takes a moment. */
function makeTabs(locks) {
  const server = new FakeServer();
  const storage = new FakeStorage();
  const tabs = [locks, locks].map((given) => make({ storage, server, locks: given }));
  const tell = () => {
    for (const { outbox } of tabs) setImmediate(() => outbox.takeTurns());
  };
  for (const name of ["setItem", "removeItem"]) {
    const change = storage[name].bind(storage);
    storage[name] = (...values) => {
      change(...values);
      tell();
    };
  }
  const post = server.post.bind(server);
  server.post = async (entry) => {
    for (let i = Math.random() * 4; i > 0; i -= 1) await settle();
    return post(entry);
  };
  return { tabs, server };
}

test("two tabs that hear of each other neither double nor reorder, with locks or without", async () => {
  for (const locks of [new FakeLocks(), { request: (_name, act) => act() }]) {
    const { tabs, server } = makeTabs(locks);
    const bodies = Array.from({ length: 30 }, (_, n) => `m${n}`);
    for (const [n, body] of bodies.entries()) {
      tabs[n % 3 && 1].outbox.add(7, body);
      if (n % 4 === 0) await settle();
    }
    for (let i = 0; i < 600; i += 1) await settle();
    assert.deepEqual(server.bodies, bodies);
    assert.deepEqual(tabs[0].outbox.entries(7), []);
  }
});

test("what another tab has left is sent when that one's turn has ended, though it never answers", async () => {
  const locks = new FakeLocks();
  const { tabs, server } = makeTabs(locks);
  let die;
  const dead = new Promise((resolve) => (die = resolve));
  // The browser frees what a closed window held.
  tabs[0].outbox.lock = (name) => locks.request(name, () => dead);
  tabs[0].outbox.add(7, "left");
  for (let i = 0; i < 20; i += 1) await settle();
  assert.deepEqual(server.bodies, []);
  die({ done: true });
  for (let i = 0; i < 20; i += 1) await settle();
  assert.deepEqual(server.bodies, ["left"]);
});

test("another tab's news wake nobody who was told to wait", async () => {
  const { clock, outbox, server } = make();
  server.answer = failing(429, { retryAfter: 20 });
  outbox.add(7, "patience");
  await clock.advance(1_000);
  outbox.takeTurns();
  await clock.advance(1_000);
  assert.equal(server.tries, 1);
});

test("another person on the same device sees nothing of it", async () => {
  const ann = make();
  ann.server.answer = failing(0);
  ann.outbox.add(7, "secret");
  const bob = make({ storage: ann.storage, user: 11 });
  assert.deepEqual(bob.outbox.entries(7), []);
});

test("signed out keeps it for the next sign-in without marking it", async () => {
  const { clock, outbox, server } = make();
  server.answer = failing(401);
  outbox.add(7, "later");
  await clock.advance(60_000);
  assert.deepEqual([server.tries, outbox.entries(7)[0].state], [1, "waiting"]);
});

test("a full storage still sends", async () => {
  const { clock, outbox, server, storage } = make();
  storage.full = true;
  outbox.add(7, "anyway");
  await clock.advance(1_000);
  assert.deepEqual([server.bodies, outbox.entries(7)], [["anyway"], []]);
});

test("clearing takes only this person's", async () => {
  const { outbox, server, storage } = make();
  server.answer = failing(0);
  storage.setItem("chatapp.draft.7", "hello");
  outbox.add(7, "gone");
  outbox.store.clear();
  assert.deepEqual([outbox.entries(7), storage.length], [[], 1]);
});
