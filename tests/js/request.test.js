import assert from "node:assert/strict";
import { afterEach, beforeEach, test } from "node:test";
import { getJson, giveUp, giveUpOverdue, post } from "chatapp/request";

const meta = { content: "old" };
let answers = [];
let asked = [];

beforeEach(() => {
  asked = [];
  meta.content = "old";
  const named = { 'meta[name="viewer"]': { content: "7" } };
  globalThis.document = { querySelector: (selector) => named[selector] ?? meta };
  globalThis.fetch = async (url, options) => {
    asked.push([url, options.headers["X-CSRFToken"], String(options.body ?? "")]);
    const answer = answers.shift();
    if (answer instanceof Error) throw answer;
    return answer;
  };
});

afterEach(() => {
  delete globalThis.document;
});

function answer(status, body, headers = {}) {
  const text = typeof body === "string" ? body : JSON.stringify(body);
  const kind = { "Content-Type": "application/json", ...headers };
  return new Response(status === 204 ? null : text, { status, headers: kind });
}

test("a post carries the token and gives the answer", async () => {
  answers = [answer(201, { id: 1 })];
  assert.deepEqual(await post("/x", { body: "a b" }), { id: 1 });
  assert.deepEqual(asked, [["/x", "old", "body=a+b"]]);
});

test("no answer is status 0, and so is one that breaks off", async () => {
  answers = [new TypeError("network"), answer(200, '{"id": 1')];
  for (let i = 0; i < 2; i += 1) {
    await assert.rejects(post("/x", {}), ({ status }) => status === 0);
  }
});

test("a stale token is replaced, and the same is posted once more", async () => {
  const stale = answer(400, { code: "csrf" });
  answers = [stale, answer(200, { token: "new", user: 7 }), answer(201, { id: 1 })];
  assert.deepEqual(await post("/x", { body: "hi" }), { id: 1 });
  assert.deepEqual(asked[2], ["/x", "new", "body=hi"]);
  assert.equal(meta.content, "new");
});

test("who else has signed in meanwhile doesn't say what this one wrote", async () => {
  let reloads = 0;
  globalThis.location = { reload: () => (reloads += 1) };
  answers = [answer(400, { code: "csrf" }), answer(200, { token: "new", user: 8 })];
  await assert.rejects(post("/x", { body: "hi" }), ({ status }) => status === 401);
  assert.deepEqual([asked.length, meta.content, reloads], [2, "old", 1]);
  delete globalThis.location;
});

test("another 400 is not repeated", async () => {
  answers = [answer(400, { code: "bad_request", detail: "No." })];
  await assert.rejects(post("/x", {}), ({ status, reason }) => status === 400 && reason === "No.");
  assert.equal(asked.length, 1);
});

test("a busy server says when", async () => {
  answers = [answer(503, { detail: "Later." }, { "Retry-After": "7" })];
  await assert.rejects(getJson("/x"), ({ retryAfter }) => retryAfter === 7);
});

test("an error page that isn't JSON is an error all the same", async () => {
  answers = [answer(502, "<html>")];
  await assert.rejects(getJson("/x"), ({ status, reason }) => status === 502 && reason === "");
});

test("a page that says 200 is no answer", async () => {
  const page = { "Content-Type": "text/html" };
  answers = [answer(200, "<html>Back soon", page), answer(200, "<html>Sign in", page)];
  await assert.rejects(post("/x", {}), ({ status }) => status === 0);
  await assert.rejects(getJson("/x"), ({ status }) => status === 0);
});

test("no content is null", async () => {
  answers = [new Response(null, { status: 204 })];
  assert.equal(await post("/x", {}), null);
});

test("after sleep whatever is under way and is repeated is given up, and says so", async () => {
  globalThis.fetch = (_url, { signal }) =>
    new Promise((_, reject) => signal.addEventListener("abort", () => reject(signal.reason)));
  const caught = post("/x", {}, { again: true });
  const once = post("/once", {});
  giveUp();
  await assert.rejects(caught, ({ status, givenUp }) => status === 0 && givenUp);
  assert.equal(await Promise.race([once, Promise.resolve("still waits")]), "still waits");
  answers = [new TypeError("network")];
  globalThis.fetch = async () => {
    throw answers.shift();
  };
  await assert.rejects(post("/x", {}, { again: true }), ({ givenUp }) => givenUp === false);
});

test("when the line is back, what waits since before and is repeated is given up in time", async (t) => {
  t.mock.timers.enable({ apis: ["setTimeout"] });
  let now = 0;
  t.mock.method(performance, "now", () => now);
  const given = [];
  const answers = new Map();
  globalThis.fetch = (url, { signal }) =>
    new Promise((resolve, reject) => {
      answers.set(url, () => resolve(answer(200, {})));
      signal.addEventListener("abort", () => {
        given.push(url);
        reject(signal.reason);
      });
    });
  const old = post("/old", {}, { again: true });
  post("/once", {}).catch(() => {});
  now = 3_001;
  const young = getJson("/young", { again: true });
  const answered = getJson("/answered", { again: true });
  giveUpOverdue();
  await assert.rejects(old, ({ status }) => status === 0);
  getJson("/new", { again: true }).catch(() => {});
  answers.get("/answered")();
  await answered;
  t.mock.timers.tick(2_999);
  assert.deepEqual(given, ["/old"]);
  t.mock.timers.tick(1);
  await assert.rejects(young, ({ givenUp }) => givenUp);
  assert.deepEqual(given, ["/old", "/young"]);
});
