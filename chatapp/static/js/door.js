let leaving = false;

/** The session is over: to the sign-in page, and back here after it. */
export function toSignIn() {
  if (leaving) return;
  leaving = true;
  const here = location.pathname + location.search;
  location.assign(`/sign-in?next=${encodeURIComponent(here)}`);
}
