import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { test } from "node:test";
import { findEmoji, readEmoji } from "chatapp/room/emoji_picker";

const file = new URL("../../chatapp/static/emoji/en.json", import.meta.url);
const everything = readEmoji(JSON.parse(readFileSync(file, "utf8")));
const find = (query) => findEmoji(everything, query).map(({ emoji }) => emoji);

test("every emoji of the file is there, with a name", () => {
  assert.ok(everything.length > 1_500);
  assert.ok(everything.every(({ emoji, name, group }) => emoji && name && group));
});

test("an empty search shows them all", () => {
  assert.equal(find(" ").length, everything.length);
});

test("every word must begin one of theirs, and names come first", () => {
  assert.equal(find("birthday ca")[0], "🎂");
  assert.equal(find(":thumbs_up:")[0], "👍️".replace("\ufe0f", ""));
  assert.deepEqual(find("zzzz"), []);
});
