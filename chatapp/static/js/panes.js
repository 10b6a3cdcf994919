import { all, hit, isComposing, one } from "chatapp/dom";

/** The class that brings a pane over the conversation where there isn't room for all. */
const SHOWN = { sidebar: "is-sidebar-shown", people: "is-people-shown" };
const HIDDEN = { people: "is-people-hidden" };

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
    hideAll();
    closeMenus(null);
  });
  document.addEventListener("click", ({ target }) => closeMenus(target));
}

/**
 * Show a pane and move there.
 * @param {"sidebar" | "people"} name
 */
export function showPane(name) {
  shell()?.classList.add(SHOWN[name]);
  shell()?.classList.remove(HIDDEN[name]);
  hidden.delete(HIDDEN[name]);
}

/** Another page has come, with all its panes. */
export function hidePanesAgain() {
  shell()?.classList.add(...hidden);
}

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
  if (link.classList.contains("close-pane")) return hideAll();
  if (name !== "sidebar" && name !== "people") return false;
  const pane = document.getElementById(name);
  if (!pane) return false;
  const visible =
    getComputedStyle(pane).visibility !== "hidden" && getComputedStyle(pane).display !== "none";
  if (visible) return hide(name);
  opener = link;
  showPane(name);
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
  const shown = Object.values(SHOWN).filter((name) => shell()?.classList.contains(name));
  shell()?.classList.remove(...shown);
  if (shown.length) opener?.focus();
  return true;
}

const shell = () => document.querySelector(".shell");
