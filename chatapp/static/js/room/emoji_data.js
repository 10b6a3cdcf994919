/** @typedef {{emoji: string, name: string, words: string, group: string}} Emoji */

/**
 * The emoji of the data file in one list.
 *
 * @param {{groups: Record<string, [string, string, string][]>}} data
 * @returns {Emoji[]}
 */
export function readEmoji({ groups }) {
  return Object.entries(groups).flatMap(([group, rows]) =>
    rows.map(([emoji, name, words = ""]) => ({
      emoji,
      name,
      group,
      words: `${name} ${words}`.toLowerCase(),
    })),
  );
}

/**
 * Those that have every word of the query at the beginning of one of theirs; names before other words.
 *
 * @param {Emoji[]} list
 * @param {string} query
 */
export function findEmoji(list, query) {
  const wanted = query
    .toLowerCase()
    .split(/[\s:_]+/)
    .filter(Boolean);
  if (!wanted.length) return list;
  const found = list.filter(({ words }) =>
    wanted.every((part) => ` ${words}`.includes(` ${part}`)),
  );
  const isNamed = ({ name }) => name.toLowerCase().startsWith(wanted.join(" "));
  return [...found.filter(isNamed), ...found.filter((each) => !isNamed(each))];
}
