import { one } from "chatapp/dom";

/**
 * Where a person is after a visit: at what was answered, else at the page's title. Of a page that
 * the browser loads itself a screen reader says the title, and Tab begins at its top; Turbo, which
 * puts another page in place of this one, leaves the focus nowhere and says nothing.
 */
export function land() {
  // The page itself has put them somewhere, or Turbo will.
  if (document.activeElement !== document.body || one(document, "[autofocus]")) return;
  const place = one(document, "#main .notice") ?? one(document, "#main h1");
  place?.setAttribute("tabindex", "-1");
  place?.focus({ preventScroll: true });
}
