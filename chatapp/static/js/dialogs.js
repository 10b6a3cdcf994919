import { one } from "chatapp/dom";

/** How long a complaint stays. */
const READABLE = 6_000;

/**
 * Have a screen reader say something that the eye sees elsewhere.
 * @param {string} text
 * @param {Element} [near] What was pressed: out of an open dialog nothing else is heard.
 */
export function announce(text, near) {
  const place = near?.closest("dialog")?.querySelector("[role=status]");
  const said = place ?? document.getElementById("announcement");
  if (said) said.textContent = text;
}

/**
 * Tell what went wrong where the page has no place of its own for it.
 * @param {string} text
 */
export function complain(text) {
  const toast = document.createElement("p");
  toast.className = "toast";
  toast.textContent = text;
  one(document, ".toasts")?.replaceChildren(toast);
  setTimeout(() => toast.remove(), READABLE);
}

/**
 * Ask before something is lost. Resolves to whether the person wants it.
 *
 * @param {{title: string, text?: string, quote?: string, action: string}} question
 * @returns {Promise<boolean>}
 */
export function confirmed({ title, text = "", quote = "", action }) {
  const dialog = /** @type {HTMLDialogElement | null} */ (document.getElementById("confirm"));
  if (!dialog) return Promise.resolve(window.confirm(`${title}\n${text}`));
  write(dialog, ".dialog-title", title);
  write(dialog, ".dialog-text", text);
  write(dialog, ".dialog-quote", quote);
  write(dialog, "button[value=yes]", action);
  dialog.returnValue = "";
  dialog.showModal();
  return new Promise((resolve) => {
    dialog.addEventListener("close", () => resolve(dialog.returnValue === "yes"), { once: true });
  });
}

function write(dialog, place, text) {
  const element = one(dialog, place);
  element.textContent = text;
  element.hidden = !text;
}

/** Forms with `data-confirm` ask that question before they are sent. */
export function askBeforeSubmit() {
  document.addEventListener(
    "submit",
    (event) => {
      const form = /** @type {HTMLFormElement} */ (event.target);
      if (!form.dataset.confirm || form.dataset.confirmed) return;
      event.preventDefault();
      event.stopPropagation();
      ask(form, event.submitter);
    },
    true,
  );
}

async function ask(form, submitter) {
  const action = submitter?.textContent.trim() ?? "";
  if (!(await confirmed({ title: form.dataset.confirm, action }))) return;
  form.dataset.confirmed = "yes";
  form.requestSubmit(submitter);
  delete form.dataset.confirmed;
}
