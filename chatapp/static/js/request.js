import { startAfresh } from "chatapp/afresh";
import { viewerId } from "chatapp/viewer";

let leaving = false;
let signingOut = false;

/** Whether the session is known to be over. */
export const isLeaving = () => leaving;

/**
 * They sign out by themselves and are led on: what else hears of it loads no other page meanwhile.
 * Gives the way to take that back.
 */
export function beginSignOut() {
  const stay = () => {
    signingOut = false;
  };
  signingOut = true;
  setTimeout(stay, PATIENCE);
  return stay;
}

/** The session is over: to the sign-in page, and back here after it. */
export function toSignIn() {
  if (leaving || signingOut) return;
  leaving = true;
  const here = location.pathname + location.search;
  location.assign(`/sign-in?next=${encodeURIComponent(here)}`);
  // Whoever was asked whether to lose what they had written may have stayed.
  setTimeout(() => {
    leaving = false;
  }, PATIENCE);
}

/** Longer than the server makes anybody wait. */
const PATIENCE = 20_000;
/** On a line that was lost meanwhile, an answer that takes longer doesn't come any more. */
const OVERDUE = 3_000;
export const SIGNED_OUT = 401;
const NO_CONTENT = 204;

/** When each request began that its caller repeats. @type {Map<AbortController, number>} */
const repeated = new Map();

/**
 * What went wrong. `status` is 0 when no answer came; `reason` is the server's words for people;
 * `givenUp`: it was called back here, to be made again at once.
 */
export class RequestError extends Error {
  /**
   * @param {number} status
   * @param {{detail?: string, title?: string, code?: string}} [problem]
   * @param {number} [retryAfter] Seconds.
   * @param {boolean} [givenUp]
   */
  constructor(status, problem = {}, retryAfter = 0, givenUp = false) {
    super(`${status} ${problem.code ?? ""}`);
    this.status = status;
    this.code = problem.code ?? "";
    this.reason = problem.detail ?? problem.title ?? "";
    this.retryAfter = retryAfter;
    this.givenUp = givenUp;
  }
}

/** The line may be another one: give up whatever is under way, for its caller asks again. */
export function giveUp() {
  for (const request of repeated.keys()) request.abort();
}

/** The line is back: give up what waits since before once it is overdue, for its caller asks again. */
export function giveUpOverdue() {
  for (const [request, begun] of repeated) {
    const left = begun + OVERDUE - performance.now();
    if (left < 0) request.abort();
    else setTimeout(() => repeated.has(request) && request.abort(), left);
  }
}

/**
 * The JSON at an address; rejects with `RequestError`.
 * @param {string} url
 * @param {{again?: boolean}} [options] `again`: the caller repeats what was not answered.
 */
export async function getJson(url, options = {}) {
  const response = await ask(url, { headers: { Accept: "application/json" }, ...options });
  return whole(response.json());
}

/**
 * The text at an address; rejects with `RequestError`.
 * @param {string} url
 * @param {{again?: boolean}} [options] `again`: the caller repeats what was not answered.
 */
export async function getText(url, options = {}) {
  return whole((await ask(url, { headers: { Accept: "text/html" }, ...options })).text());
}

/**
 * Post a form's fields, and give the answer's JSON, null where it has no content. A page that slept
 * through the end of its CSRF token gets another one and posts once more.
 *
 * @param {string} url
 * @param {Record<string, string>} fields
 * @param {{again?: boolean}} [options] `again`: the caller repeats what was not answered.
 */
export async function post(url, fields, options = {}) {
  try {
    return await postOnce(url, fields, options);
  } catch (error) {
    if (!(error instanceof RequestError && error.code === "csrf")) throw error;
    await renewToken();
    return postOnce(url, fields, options);
  }
}

async function postOnce(url, fields, options) {
  const response = await ask(url, {
    method: "POST",
    headers: { Accept: "application/json", "X-CSRFToken": token()?.content ?? "" },
    body: new URLSearchParams(fields),
    ...options,
  });
  // A page, even with 200, is not from our server: a proxy says that it is closed, or asks who is there.
  return response.status === NO_CONTENT ? null : whole(response.json());
}

async function renewToken() {
  const fresh = await getJson("/csrf-token");
  if (fresh.user !== viewerId()) {
    // In another tab somebody else has signed in, who must not say what this one has written.
    startAfresh();
    throw new RequestError(SIGNED_OUT);
  }
  const meta = token();
  if (meta) meta.content = fresh.token;
}

async function ask(url, options) {
  const response = await reach(url, options);
  // A page where JSON was asked for is the sign-in page that a stranger is sent to.
  const turnedAway = response.redirected && new URL(response.url).pathname === "/sign-in";
  if (response.status === SIGNED_OUT || turnedAway) {
    toSignIn();
    throw new RequestError(SIGNED_OUT);
  }
  if (!response.ok) throw await refusal(response);
  return response;
}

async function reach(url, { again = false, ...options }) {
  const request = new AbortController();
  if (again) repeated.set(request, performance.now());
  const signal = AbortSignal.any([request.signal, AbortSignal.timeout(PATIENCE)]);
  try {
    return await fetch(url, { ...options, signal });
  } catch {
    throw new RequestError(0, {}, 0, request.signal.aborted);
  } finally {
    repeated.delete(request);
  }
}

/** An answer that breaks off, or isn't ours, is none. */
function whole(body) {
  return body.catch(() => {
    throw new RequestError(0);
  });
}

async function refusal(response) {
  const problem = await response.json().catch(() => ({}));
  return new RequestError(
    response.status,
    problem,
    Number(response.headers.get("Retry-After")) || 0,
  );
}

const token = () =>
  /** @type {HTMLMetaElement | null} */ (document.querySelector('meta[name="csrf-token"]'));
