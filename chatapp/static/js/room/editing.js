import { Draft } from "chatapp/device";
import { complain } from "chatapp/dialogs";
import { around, hit, isComposing, one, part } from "chatapp/dom";
import { getJson, post } from "chatapp/request";
import { focusRow } from "chatapp/room/keys";
import { isDeleted } from "chatapp/room/message";
import { fieldOf, sendsNow } from "chatapp/room/text_field";
import { word } from "chatapp/words";

const CONFLICT = 409;

/** Editing one's own message in its place. Until it is saved or given up, the device keeps the text. */
export class Editing {
  /**
   * @param {object} options
   * @param {(answer: any) => void} options.answered
   * @param {() => void} options.left The editor is gone.
   * @param {(id: string) => void} options.emptied Saving nothing means to delete.
   */
  constructor({ answered, left, emptied }) {
    this.answered = answered;
    this.left = left;
    this.emptied = emptied;
  }

  /** @param {string} id Of the article, which may be replaced meanwhile. */
  async begin(id) {
    const message = document.getElementById(id)?.dataset.message;
    const isWaiting = watchFocus();
    const told = await getJson(`/messages/${message}`).catch((error) => error);
    const article = document.getElementById(id);
    if (!article || one(article, ".message-editor")) return;
    if (told.source === undefined || isDeleted(article)) {
      // The button that had the focus is gone.
      if (document.activeElement === document.body) focusRow(around(article, ".message-row"));
      if (!isDeleted(article)) complain(told.reason || word("noAnswer"));
      return;
    }
    const form = /** @type {HTMLFormElement} */ (part("message-editor"));
    const field = fieldOf(form);
    const draft = new EditDraft(message, told);
    const cancel = () => {
      // What is on its way can't be called back.
      if (field.readOnly) return;
      draft.forget();
      this.#end(id);
    };
    field.value = draft.text;
    form.addEventListener("submit", (event) => this.#save(event, id, message, field, draft));
    form.addEventListener("keydown", (event) => this.#key(event, cancel, form, field));
    form.addEventListener("click", (event) => hit(event, "[data-action=cancel]") && cancel());
    field.addEventListener("input", () => {
      field.grow();
      draft.keep(field.value);
    });
    one(article, ".message-body").hidden = true;
    article.append(form);
    field.grow();
    if (!isWaiting()) return;
    field.focus();
    field.setSelectionRange(field.value.length, field.value.length);
  }

  #key(event, cancel, form, field) {
    // Nor does the timeline hear it.
    if (isComposing(event)) return event.stopPropagation();
    if (event.target !== field && event.key !== "Escape") return;
    if (event.key === "Escape") cancel();
    else if (sendsNow(event, field)) form.requestSubmit();
    else return;
    event.preventDefault();
    event.stopPropagation();
  }

  async #save(event, id, message, field, draft) {
    event.preventDefault();
    event.stopPropagation();
    if (field.readOnly) return;
    const body = field.value.trim();
    if (!body) {
      draft.forget();
      this.#end(id);
      this.emptied(id);
      return;
    }
    // What is typed now would be lost with the answer.
    field.readOnly = true;
    try {
      const fields = { body, made_from: draft.version };
      const answer = await post(`/messages/${message}/edit`, fields);
      draft.forget();
      this.#end(id);
      this.answered(answer);
    } catch (/** @type {any} */ error) {
      one(field.form, ".message-editor-error").textContent = error.reason || word("noAnswer");
      if (error.status === CONFLICT) await this.#showNewer(id, message, field, draft);
      field.readOnly = false;
    }
  }

  /** Another device has saved another text: it stands above this one, which replaces it from now on. */
  async #showNewer(id, message, field, draft) {
    const told = await getJson(`/messages/${message}`).catch(() => null);
    const article = document.getElementById(id);
    if (!told || !article || !field.isConnected) return;
    draft.isOf(told);
    draft.keep(field.value);
    one(article, ".message-body").hidden = false;
  }

  #end(id) {
    const article = document.getElementById(id);
    if (!article) return;
    one(article, ".message-editor")?.remove();
    one(article, ".message-body").hidden = false;
    // Whoever has gone on elsewhere stays there.
    if (document.activeElement === document.body) this.left();
  }
}

/** Gives the way to ask whether the person has neither typed nor moved elsewhere since. */
function watchFocus() {
  const focused = document.activeElement;
  const text = textOf(focused);
  return () =>
    document.activeElement === document.body ||
    (document.activeElement === focused && textOf(focused) === text);
}

const textOf = (element) => /** @type {HTMLTextAreaElement | null} */ (element)?.value;

/** What was typed in an edit. It is good as long as the message is what it was then. */
class EditDraft {
  #draft;

  /**
   * @param {string | undefined} message
   * @param {{source: string, version: string}} told
   */
  constructor(message, told) {
    this.#draft = new Draft(`edit.${message}`);
    this.isOf(told);
  }

  /** @param {{source: string, version: string}} told The text that is being changed. */
  isOf({ source, version }) {
    this.source = source;
    this.version = version;
  }

  get text() {
    const { source, text } = JSON.parse(this.#draft.text || "{}");
    return source === this.source ? text : this.source;
  }

  /** @param {string} text */
  keep(text) {
    this.#draft.keep(text === this.source ? "" : JSON.stringify({ source: this.source, text }));
  }

  forget() {
    this.#draft.keep("");
  }
}
