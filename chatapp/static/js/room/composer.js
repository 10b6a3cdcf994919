import { draft, keepDraft } from "chatapp/device";
import { fieldOf, sendsNow } from "chatapp/room/text_field";
import { word } from "chatapp/words";

/** The server takes so many characters in a message. */
const MOST = 10_000;

/** Where a message is written: keeps a draft, sends by Enter, grows with its text. */
export class Composer {
  /**
   * @param {HTMLFormElement} form
   * @param {object} options
   * @param {number} options.room
   * @param {(body: string) => void} options.send
   * @param {() => void} options.typed
   * @param {() => boolean} options.editLast Begins to edit the viewer's last message, if there is one.
   */
  constructor(form, { room, send, typed, editLast }) {
    this.form = form;
    this.room = room;
    this.send = send;
    this.typed = typed;
    this.editLast = editLast;
    this.field = fieldOf(form);
    this.field.required = false;
    this.field.value ||= draft(room);
    this.field.grow();
    form.addEventListener("submit", (event) => this.#submit(event));
    this.field.addEventListener("input", () => this.#changed());
    this.field.addEventListener("keydown", (event) => this.#key(event));
  }

  focus() {
    this.field.focus();
  }

  #submit(event) {
    event.preventDefault();
    // Else Turbo posts the form too.
    event.stopPropagation();
    const body = this.field.value.trim();
    const length = [...body].length;
    this.field.setCustomValidity(length > MOST ? word("tooLong", { most: MOST, length }) : "");
    if (!body || !this.form.reportValidity()) return;
    this.field.value = "";
    this.field.grow();
    keepDraft(this.room, "");
    this.send(body);
    this.focus();
  }

  #changed() {
    this.field.setCustomValidity("");
    this.field.grow();
    keepDraft(this.room, this.field.value);
    if (this.field.value.trim()) this.typed();
  }

  #key(event) {
    if (sendsNow(event, this.field)) {
      event.preventDefault();
      this.form.requestSubmit();
    } else if (event.key === "ArrowUp" && !this.field.value && this.editLast()) {
      event.preventDefault();
    }
  }
}
