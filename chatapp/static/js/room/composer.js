import { Draft } from "chatapp/device";
import { isChord } from "chatapp/dom";
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
    this.draft = new Draft(room);
    this.send = send;
    this.typed = typed;
    this.editLast = editLast;
    this.field = fieldOf(form);
    this.field.required = false;
    this.field.value ||= this.draft.text;
    this.field.grow();
    form.addEventListener("submit", (event) => this.#submit(event));
    this.field.addEventListener("input", () => this.#changed());
    this.field.addEventListener("keydown", (event) => this.#key(event));
    this.leave = this.draft.listen((before, now) => this.#follow(before, now));
  }

  focus() {
    this.field.focus();
  }

  /** What stands here is kept once more: another tab may have sent its own, and taken this away. */
  stop() {
    this.leave();
    if (this.field.value) this.draft.keep(this.field.value);
  }

  /** Another tab has gone on writing, or sent it. Whatever else stands here stays. */
  #follow(before, now) {
    if (this.field.value !== before) return;
    this.field.value = now;
    this.field.setCustomValidity("");
    this.field.grow();
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
    this.draft.keep("");
    this.send(body);
    this.focus();
  }

  #changed() {
    this.field.setCustomValidity("");
    this.field.grow();
    this.draft.keep(this.field.value);
    if (this.field.value.trim()) this.typed();
  }

  #key(event) {
    if (sendsNow(event, this.field)) {
      event.preventDefault();
      this.form.requestSubmit();
    } else if (event.key === "ArrowUp" && !isChord(event) && !this.field.value) {
      if (this.editLast()) event.preventDefault();
    }
  }
}
