import assert from "node:assert/strict";
import { test } from "node:test";
import { Wishes } from "chatapp/room/wishes";

/** A server that answers when the test says so. */
class SlowServer {
  said = [];
  #answers = [];

  say = (wish) => {
    this.said.push(wish);
    return new Promise((accept, refuse) => this.#answers.push({ accept, refuse }));
  };

  accept() {
    this.#answers.shift().accept();
    return settled();
  }

  refuse(error) {
    this.#answers.shift().refuse(error);
    return settled();
  }
}

const settled = () => new Promise((resolve) => setTimeout(resolve));

test("what is wanted of other things doesn't wait", () => {
  const [wishes, server] = [new Wishes(), new SlowServer()];
  wishes.wish("1 cake", "cake", server.say);
  wishes.wish("1 tea", "tea", server.say);
  assert.deepEqual(server.said, ["cake", "tea"]);
});

test("of one thing the last wish is said once the first is answered", async () => {
  const [wishes, server] = [new Wishes(), new SlowServer()];
  const first = wishes.wish("1 cake", true, server.say);
  assert.equal(await wishes.wish("1 cake", false, server.say), null);
  assert.deepEqual(server.said, [true]);
  await server.accept();
  assert.deepEqual(server.said, [true, false]);
  await server.accept();
  assert.deepEqual(await first, { refusal: undefined });
});

test("what was taken back before it was said is not said", async () => {
  const [wishes, server] = [new Wishes(), new SlowServer()];
  const end = wishes.wish("1 cake", true, server.say);
  wishes.wish("1 cake", false, server.say);
  wishes.wish("1 cake", true, server.say);
  await server.accept();
  assert.deepEqual(await end, { refusal: undefined });
  assert.deepEqual(server.said, [true]);
});

test("a wish is said though the one before was refused, which nobody is told", async () => {
  const [wishes, server] = [new Wishes(), new SlowServer()];
  const end = wishes.wish("1 cake", true, server.say);
  wishes.wish("1 cake", false, server.say);
  await server.refuse("too often");
  assert.deepEqual(server.said, [true, false]);
  await server.accept();
  assert.deepEqual(await end, { refusal: undefined });
});

test("what the last one was refused with is told, and then there is another try", async () => {
  const [wishes, server] = [new Wishes(), new SlowServer()];
  const end = wishes.wish("1 cake", true, server.say);
  await server.refuse("too often");
  assert.deepEqual(await end, { refusal: "too often" });
  wishes.wish("1 cake", true, server.say);
  assert.deepEqual(server.said, [true, true]);
});
