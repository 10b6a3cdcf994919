const language = () => document.documentElement.lang || "en";

/** @type {Map<string, Intl.DateTimeFormat>} */
const formats = new Map();

/**
 * Show every <time datetime> inside in the viewer's own time: the hour, with the whole date on hover.
 * @param {ParentNode} root
 */
export function localTimes(root) {
  for (const element of root.querySelectorAll("time[datetime]")) {
    const instant = new Date(element.getAttribute("datetime") ?? "");
    if (Number.isNaN(instant.valueOf())) continue;
    const style = element.getAttribute("data-style") ?? "time";
    element.textContent = format(style, instant);
    element.setAttribute("title", format("full", instant));
  }
}

/**
 * The name of a day: only the year where it isn't this one's.
 * @param {Date} date
 */
export function dayName(date) {
  return format(date.getFullYear() === new Date().getFullYear() ? "day" : "dayOfYear", date);
}

/** @type {Record<string, Intl.DateTimeFormatOptions>} */
const STYLES = {
  time: { hour: "2-digit", minute: "2-digit" },
  full: { dateStyle: "full", timeStyle: "short" },
  date: { dateStyle: "medium" },
  short: { dateStyle: "medium", timeStyle: "short" },
  day: { weekday: "long", day: "numeric", month: "long" },
  dayOfYear: { weekday: "long", day: "numeric", month: "long", year: "numeric" },
};

function format(style, instant) {
  const key = `${language()} ${style}`;
  if (!formats.has(key)) formats.set(key, new Intl.DateTimeFormat(language(), STYLES[style] ?? STYLES.short));
  return formats.get(key)?.format(instant) ?? "";
}
