import { forgetDrafts } from "chatapp/device";
import { confirmed } from "chatapp/dialogs";
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
    forgetDrafts();
  }
}

async function ask(form, unsent) {
  const title = word("signOutUnsent");
  const text = plural("signOutUnsent", unsent);
  if (!(await confirmed({ title, text, action: word("signOut") }))) return;
  viewersOutbox().store.clear();
  form.requestSubmit();
}
