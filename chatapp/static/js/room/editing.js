import { hit, one, part } from "chatapp/dom";
import { getJson, post } from "chatapp/request";
import { fieldOf, isComposing, sendsNow } from "chatapp/room/text_field";
import { word } from "chatapp/words";

/** Editing one's own message in its place. */
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
    const source = await getJson(`/messages/${message}`).then(
      (found) => found.source,
      () => null,
    );
    const article = document.getElementById(id);
    if (source === null || !article || one(article, ".message-editor")) return;
    const form = /** @type {HTMLFormElement} */ (part("message-editor"));
    const field = fieldOf(form);
    field.value = source;
    form.addEventListener("submit", (event) => this.#save(event, id, message, field));
    form.addEventListener("keydown", (event) => this.#key(event, id, form, field));
    form.addEventListener("click", (event) => hit(event, "[data-action=cancel]") && this.#end(id));
    field.addEventListener("input", () => field.grow());
    one(article, ".message-body").hidden = true;
    article.append(form);
    field.grow();
    field.focus();
    field.setSelectionRange(source.length, source.length);
  }

  #key(event, id, form, field) {
    // Nor does the timeline hear it.
    if (isComposing(event)) return event.stopPropagation();
    if (event.target !== field && event.key !== "Escape") return;
    if (event.key === "Escape") this.#end(id);
    else if (sendsNow(event, field)) form.requestSubmit();
    else return;
    event.preventDefault();
    event.stopPropagation();
  }

  async #save(event, id, message, field) {
    event.preventDefault();
    event.stopPropagation();
    const body = field.value.trim();
    if (!body) {
      this.#end(id);
      this.emptied(id);
      return;
    }
    try {
      const answer = await post(`/messages/${message}/edit`, { body });
      this.#end(id);
      this.answered(answer);
    } catch (/** @type {any} */ error) {
      one(field.form, ".message-editor-error").textContent = error.reason || word("noAnswer");
    }
  }

  #end(id) {
    const article = document.getElementById(id);
    if (!article) return;
    one(article, ".message-editor")?.remove();
    one(article, ".message-body").hidden = false;
    this.left();
  }
}
