import { forgetDrafts } from "chatapp/device";
import { confirmed } from "chatapp/dialogs";
import { beginSignOut, isLeaving } from "chatapp/request";
import { viewersOutbox } from "chatapp/sending";
import { plural, word } from "chatapp/words";

/** Signing out leaves nothing on the device, and asks first when that would lose messages. */
export function cleanSignOut() {
  // Before Turbo sees the form.
  document.addEventListener("submit", onSubmit, { capture: true });
}

function onSubmit(event) {
  if (new URL(event.target.action).pathname !== "/sign-out") return;
  const unsent = viewersOutbox().store.all().length;
  if (unsent) {
    event.preventDefault();
    event.stopPropagation();
    ask(event.target, unsent);
  } else {
    restoreUnlessOut(event.target, forgetDrafts());
  }
}

/** Whoever is still signed in has lost nothing. */
function restoreUnlessOut(form, restore) {
  const stay = beginSignOut();
  const failed = () => {
    stay();
    return isLeaving() || restore();
  };
  form.addEventListener("turbo:fetch-request-error", failed, { once: true });
  // Without a word of success, it was given up for another one, or for the page that follows.
  const ended = ({ detail }) => detail.success === false && failed();
  form.addEventListener("turbo:submit-end", ended, { once: true });
}

async function ask(form, unsent) {
  const title = word("signOutUnsent");
  const text = plural("signOutUnsent", unsent);
  if (!(await confirmed({ title, text, action: word("signOut") }))) return;
  const { store } = viewersOutbox();
  const entries = store.all();
  store.clear();
  restoreUnlessOut(form, () => {
    for (const entry of entries) store.put(entry);
    viewersOutbox().resume();
  });
  form.requestSubmit();
}
