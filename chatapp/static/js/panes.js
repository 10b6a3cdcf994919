import { all, hit, isComposing, one } from "chatapp/dom";

/** The class that brings a pane over the conversation where there isn't room for all. */
const SHOWN = { sidebar: "is-sidebar-shown", people: "is-people-shown" };
const HIDDEN = { people: "is-people-hidden" };
/** Where there is room for one pane only, as in shell.css. */
const NARROW = "(width < 48rem)";

const changes = new EventTarget();

/**
 * Hear that a pane lies over the conversation from now on, or does no more.
 *
 * @param {() => void} handler
 * @param {{signal: AbortSignal}} until
 */
export function onCover(handler, until) {
  changes.addEventListener("changed", handler, until);
}

/** What had the focus before. @type {HTMLElement | null} */
let opener = null;
/** What the person has hidden stays so on the pages that follow. @type {Set<string>} */
const hidden = new Set();

/** Links to "#sidebar" and "#people" show and hide those panes, Escape and other anchors hide them. */
export function togglePanes() {
  // Turbo would take a link within the page for a visit.
  document.addEventListener("turbo:click", (event) => {
    if (hit(event, '[href^="#"]')) event.preventDefault();
  });
  document.addEventListener("click", (event) => {
    const link = hit(event, 'a[href^="#"]');
    if (link && toggle(link)) event.preventDefault();
  });
  document.addEventListener("keydown", (event) => {
    if (event.key !== "Escape" || event.defaultPrevented || isComposing(event)) return;
    // The browser closes what lies over all panes, one thing for each Escape.
    if (document.querySelector("dialog[open], :popover-open")) return;
    hideAll();
    closeMenus(null);
  });
  document.addEventListener("click", ({ target }) => {
    // What a menu asks before it acts gives the focus back to it.
    if (!(/** @type {Element} */ (target).closest("dialog"))) closeMenus(target);
  });
  matchMedia(NARROW).addEventListener("change", cover);
  addEventListener("hashchange", cover);
}

/**
 * Show a pane and move there.
 * @param {"sidebar" | "people"} name
 * @param {Element | null} from What gets the focus back.
 */
export function showPane(name, from = document.activeElement) {
  opener = /** @type {HTMLElement | null} */ (from);
  if (isNarrow()) shell()?.classList.remove(...Object.values(SHOWN));
  // Where it always stands beside the others it would lie over them later, in a narrower window.
  if (isNarrow() || name !== "sidebar") shell()?.classList.add(SHOWN[name]);
  shell()?.classList.remove(HIDDEN[name]);
  hidden.delete(HIDDEN[name]);
  cover();
}

/** Another page has come, with all its panes. */
export function hidePanesAgain() {
  shell()?.classList.add(...hidden);
  cover();
}

/** The keyboard doesn't go under the pane that covers all others. */
function cover() {
  const top = Object.keys(SHOWN).find(isShown);
  const covers = Boolean(top) && isNarrow();
  for (const pane of all(document, ".shell > *")) pane.inert = covers && pane.id !== top;
  changes.dispatchEvent(new Event("changed"));
}

const isShown = (name) =>
  shell()?.classList.contains(SHOWN[name]) || document.getElementById(name)?.matches(":target");

const isNarrow = () => matchMedia(NARROW).matches;

/** A menu closes when anything else is pressed. */
function closeMenus(target) {
  for (const menu of all(document, "details.menu[open]")) {
    if (menu.contains(target)) continue;
    if (menu.contains(document.activeElement)) one(menu, "summary").focus();
    menu.removeAttribute("open");
  }
}

function toggle(link) {
  const name = link.getAttribute("href")?.slice(1);
  // What the address has brought goes with the address.
  if (link.classList.contains("close-pane")) return hideAll() && !Object.keys(SHOWN).some(isShown);
  if (name === "main") return uncover();
  if (name !== "sidebar" && name !== "people") return false;
  const pane = document.getElementById(name);
  if (!pane) return false;
  const visible =
    getComputedStyle(pane).visibility !== "hidden" && getComputedStyle(pane).display !== "none";
  if (visible) return hide(name);
  showPane(name, link);
  one(pane, "a, button, input")?.focus();
  return true;
}

function hide(name) {
  shell()?.classList.remove(SHOWN[name]);
  if (name in HIDDEN) hidden.add(HIDDEN[name]);
  hidePanesAgain();
  return true;
}

function hideAll() {
  const shown = Object.values(SHOWN).some((name) => shell()?.classList.contains(name));
  uncover();
  if (shown) (opener?.isConnected ? opener : document.getElementById("main"))?.focus();
  return true;
}

/** Whoever goes on in the conversation moves there by the address. */
function uncover() {
  shell()?.classList.remove(...Object.values(SHOWN));
  cover();
  return false;
}

const shell = () => document.querySelector(".shell");
