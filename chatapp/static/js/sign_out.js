import { confirmed } from "chatapp/confirm";
import { forgetDrafts } from "chatapp/drafts";
import { viewersOutbox } from "chatapp/sending";
import { plural, word } from "chatapp/words";

/** Signing out leaves nothing on the device, and asks first when that would lose messages. */
export function cleanSignOut() {
  document.addEventListener(
    "submit",
    (event) => {
      const form = /** @type {HTMLFormElement} */ (event.target);
      if (new URL(form.action).pathname !== "/sign-out" || form.dataset.clean) return;
      event.preventDefault();
      event.stopPropagation();
      leave(form);
    },
    true,
  );
}

async function leave(form) {
  const unsent = viewersOutbox().store.all().length;
  const title = word("signOutUnsent");
  const text = plural("signOutUnsent", unsent);
  if (unsent && !(await confirmed({ title, text, action: word("signOut") }))) return;
  viewersOutbox().store.clear();
  forgetDrafts();
  form.dataset.clean = "yes";
  form.requestSubmit();
}
