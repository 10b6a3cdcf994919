// Makes chatapp/static/emoji/<language>.json, the emoji that may stand under a message and that the
// picker offers: `node scripts/emoji.mjs`. Trims emoji-picker-element-data, at package.json's pin,
// from 72 KB on the wire to 25 (38 where English names stand beside others). npm fetches it;
// running chatapp never needs either.

import { execFileSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

const root = join(import.meta.dirname, "..");
const name = "emoji-picker-element-data";
const version = JSON.parse(readFileSync(join(root, "package.json"), "utf8")).devDependencies[name];
// By emojibase's numbers, with how many words beside its name an emoji is found by; 2 holds parts
// that are no emoji on their own.
const groups = [
  ["smileys", 5], ["people", 3], null, ["animals", 2], ["food", 2],
  ["travel", 1], ["activities", 2], ["objects", 2], ["symbols", 1], ["flags", 0],
];
// Each language of the translations. Who speaks another than English finds by English words, too.
const others = ["de"];
const whole = /^\p{RGI_Emoji}$/v;

const folder = mkdtempSync(join(tmpdir(), "emoji-"));
try {
  const english = fetched("en/emojibase/data.json");
  write("en", trim(english));
  for (const language of others) {
    const known = new Map(english.map(({ emoji, annotation }) => [emoji, annotation]));
    const own = fetched(`${language}/cldr/data.json`);
    write(language, trim(own, ({ emoji }) => (known.get(emoji) ?? "").toLowerCase()));
  }
} finally {
  rmSync(folder, { recursive: true });
}

function write(language, groups) {
  const source = `${name} ${version}, trimmed (Apache-2.0); from emojibase-data 17.0.0 (MIT)`;
  const path = join(root, `chatapp/static/emoji/${language}.json`);
  writeFileSync(path, `${JSON.stringify({ source, groups })}\n`);
}

function fetched(file) {
  const packed = execFileSync("npm", ["pack", "--silent", `${name}@${version}`, "--pack-destination", folder], { encoding: "utf8" });
  const tarball = join(folder, packed.trim().split("\n").at(-1));
  return JSON.parse(execFileSync("tar", ["-xzOf", tarball, `package/${file}`], { encoding: "utf8", maxBuffer: 1e8 }));
}

/**
 * Group -> rows of [emoji, name, other words to find it by, 1 if it comes in five skin tones].
 * `more` says by which words besides.
 */
function trim(data, more = () => "") {
  const rows = Object.fromEntries(groups.filter(Boolean).map(([group]) => [group, []]));
  for (const entry of data.filter(({ group }) => groups[group])) {
    const found = `${words(entry)} ${more(entry)}`.trim();
    const row = [qualified(entry.emoji), entry.annotation, found];
    if (hasTones(entry)) row.push(1);
    rows[groups[entry.group][0]].push(row);
  }
  return rows;
}

// The data adds U+FE0F even where the standard has none; two spellings would make two reactions.
function qualified(emoji) {
  const found = [emoji, emoji.replaceAll("\ufe0f", "")].find((form) => whole.test(form));
  if (!found) throw new Error(`This Node does not know ${emoji}: use one with a newer Unicode.`);
  return found;
}

// What is joined of several (a woman, a rocket: an astronaut) is found by its name.
function words({ annotation, group, emoji, shortcodes = [], tags = [] }) {
  const most = emoji.includes("\u200d") ? 0 : groups[group][1];
  const known = new Set(annotation.toLowerCase().split(/[^\p{L}\p{N}]+/u));
  const all = [...shortcodes.flatMap((code) => code.split("_")), ...tags].map((word) => word.toLowerCase());
  return [...new Set(all)].filter((word) => word.length > 1 && !known.has(word)).slice(0, most).join(" ");
}

// One person, one tone: the tone follows the first character. Pairs are left in yellow.
function hasTones({ emoji, skins = [] }) {
  const [first, ...rest] = emoji;
  const tail = rest.join("").replace(/^\ufe0f/, "");
  return skins.length === 5 && skins.every((skin) => skin.emoji === first + String.fromCodePoint(0x1f3fa + skin.tone) + tail);
}
