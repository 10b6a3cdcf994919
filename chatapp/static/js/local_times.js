import { all, one } from "chatapp/dom";
import { afterOpening } from "chatapp/opening";

/** The page's language, as this person's country writes it. */
function language() {
  const page = document.documentElement.lang || "en";
  return navigator.languages.find((each) => each.split("-")[0] === page) ?? page;
}

/** @type {Map<string, Intl.DateTimeFormat>} */
const formats = new Map();

/**
 * Show times in the viewer's own zone: of what was found, and of what says its `data-style`.
 * @param {ParentNode} root
 */
export function localTimes(root) {
  for (const time of all(root, ".hit time, time[data-style]"))
    show(time.dataset.style ?? "short", time);
}

/**
 * Show the hour of a message, in the same way. The first format of all takes the browser 20 ms and
 * more, so in a new document it comes last.
 *
 * @param {HTMLElement} article
 */
export function localHour(article) {
  const time = one(article, ".message-time time");
  if (time) afterOpening(() => show("time", time));
}

/** With the whole date on hover. */
function show(style, element) {
  const instant = new Date(element.getAttribute("datetime") ?? "");
  if (Number.isNaN(instant.valueOf())) return;
  if (style === "time") element.replaceChildren(...hour(instant));
  else element.textContent = format(style, instant);
  element.setAttribute("title", format("full", instant));
}

/**
 * Show a day by its name: only with the year where it isn't this one's.
 *
 * @param {HTMLTimeElement} element
 * @param {Date} date
 */
export function localDay(element, date) {
  const style = date.getFullYear() === new Date().getFullYear() ? "day" : "dayOfYear";
  element.dateTime = localDate(date);
  // It is as high as the name.
  element.textContent = element.dateTime;
  afterOpening(() => {
    element.textContent = format(style, date);
  });
}

/** "2024-02-29", where the viewer is. */
function localDate(date) {
  const [month, day] = [date.getMonth() + 1, date.getDate()];
  return [date.getFullYear(), month, day].map((n) => String(n).padStart(2, "0")).join("-");
}

/** @type {Record<string, Intl.DateTimeFormatOptions>} */
const STYLES = {
  time: { hour: "2-digit", minute: "2-digit" },
  full: { dateStyle: "full", timeStyle: "short" },
  short: { dateStyle: "medium", timeStyle: "short" },
  day: { weekday: "long", day: "numeric", month: "long" },
  dayOfYear: { weekday: "long", day: "numeric", month: "long", year: "numeric" },
};

/** "09:12", with an "AM" that the style sheet can leave out. */
function hour(instant) {
  return formatter("time")
    .formatToParts(instant)
    .map(({ type, value }) => {
      if (type !== "dayPeriod") return value;
      const period = document.createElement("span");
      period.className = "day-period";
      period.textContent = value;
      return period;
    });
}

const format = (style, instant) => formatter(style).format(instant);

function formatter(style) {
  const key = `${language()} ${style}`;
  if (!formats.has(key)) formats.set(key, new Intl.DateTimeFormat(language(), STYLES[style]));
  return formats.get(key);
}
