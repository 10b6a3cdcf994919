import { all, hasTouch, hit, isComposing, one, part } from "chatapp/dom";
import { getJson } from "chatapp/request";

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

const MARGIN = 8;
/** By their file: each language has its own. @type {Map<string, Promise<import("chatapp/room/emoji_picker").Emoji[]>>} */
const known = new Map();

/** The panel to pick an emoji from: a few at once, all by name. It goes when something else is pressed. */
export class EmojiPicker {
  /**
   * @param {object} options
   * @param {(emoji: string) => void} options.picked
   * @param {() => void} options.closed With or without.
   */
  constructor({ picked, closed }) {
    this.picked = picked;
    this.closed = closed;
    this.panel = part("emoji-picker");
    this.list = one(this.panel, ".emoji-list");
    this.search = /** @type {HTMLInputElement} */ (one(this.panel, ".emoji-search"));
    this.panel.addEventListener("click", (event) => this.#clicked(event));
    this.panel.addEventListener("keydown", (event) => this.#key(event));
    this.search.addEventListener("input", () => this.#show());
    this.panel.addEventListener("toggle", (event) => {
      if (/** @type {ToggleEvent} */ (event).newState === "closed") this.#closed();
    });
  }

  /** @param {HTMLElement} opener Beside which it opens, and which gets the focus back. */
  open(opener) {
    this.opener = opener;
    opener.setAttribute("aria-expanded", "true");
    document.body.append(this.panel);
    this.panel.showPopover();
    this.#place(opener.getBoundingClientRect());
    // On touch that would bring the keyboard over the emoji.
    if (!hasTouch()) this.search.focus();
    this.#show();
  }

  async #show() {
    const everything = await emojiOf(this.panel.dataset.source).catch(() => []);
    const found = findEmoji(everything, this.search.value);
    this.list.replaceChildren(...this.#buttons(found, !this.search.value));
    one(this.panel, ".emoji-none").hidden = found.length > 0 || !everything.length;
  }

  #buttons(found, grouped) {
    const names = JSON.parse(this.panel.dataset.groups);
    return found.flatMap((each, i) => {
      const starts = grouped && each.group !== found[i - 1]?.group;
      return starts ? [heading(names[each.group] ?? each.group), button(each)] : [button(each)];
    });
  }

  #place(beside) {
    const { offsetWidth: width, offsetHeight: height } = this.panel;
    const left = Math.min(Math.max(MARGIN, beside.right - width), innerWidth - width - MARGIN);
    const above = beside.top - height - MARGIN;
    const below = Math.min(beside.bottom + MARGIN, innerHeight - height - MARGIN);
    // The style sheet has the last word: on a phone the panel stands below, however it was opened.
    this.panel.style.setProperty("--left", `${left}px`);
    this.panel.style.setProperty("--top", `${above > 0 ? above : below}px`);
  }

  #closed() {
    this.panel.remove();
    this.opener?.removeAttribute("aria-expanded");
    this.closed();
  }

  #clicked(event) {
    this.#pick(hit(event, "button"));
    // A pointer, unlike a keyboard, goes on from where it is.
    if (event.detail > 0 && !this.panel.matches(":popover-open")) this.opener?.blur();
  }

  #pick(chosen) {
    if (!chosen) return;
    this.panel.hidePopover();
    this.opener?.focus();
    this.picked(chosen.dataset.emoji);
  }

  #key(event) {
    const buttons = all(this.list, "button");
    if (isComposing(event)) return;
    if (event.target === this.search) {
      if (event.key === "Enter") this.#pick(this.search.value && buttons[0]);
      else if (event.key === "ArrowDown") buttons[0]?.focus();
      else return;
      event.preventDefault();
      return;
    }
    const columns = getComputedStyle(this.list).gridTemplateColumns.split(" ").length;
    const by = { ArrowRight: 1, ArrowLeft: -1, ArrowDown: columns, ArrowUp: -columns }[event.key];
    if (!by) return;
    event.preventDefault();
    (buttons[buttons.indexOf(event.target) + by] ?? this.search).focus();
  }
}

function button({ emoji, name }) {
  const element = document.createElement("button");
  element.type = "button";
  element.textContent = emoji;
  element.title = name;
  element.setAttribute("aria-label", name);
  element.dataset.emoji = emoji;
  return element;
}

function heading(text) {
  const element = document.createElement("h3");
  element.className = "emoji-group";
  element.textContent = text;
  return element;
}

function emojiOf(source) {
  const asked = known.get(source) ?? getJson(source).then(readEmoji);
  if (!known.has(source)) {
    known.set(source, asked);
    // What could not be had is asked for again.
    asked.catch(() => known.delete(source));
  }
  return asked;
}
