import { clock } from "chatapp/clock";
import { complain } from "chatapp/dialogs";
import { hasTouch, one } from "chatapp/dom";
import { isOnline, listen, say, subscribe, watch } from "chatapp/live";
import { newestName } from "chatapp/people";
import { post } from "chatapp/request";
import { Composer } from "chatapp/room/composer";
import { offerUnfolding } from "chatapp/room/folding";
import { Jump } from "chatapp/room/jump";
import { offerKeys } from "chatapp/room/keys";
import { MessageActions } from "chatapp/room/message_actions";
import { isLed, News } from "chatapp/room/news";
import { Pending } from "chatapp/room/pending";
import { Reader } from "chatapp/room/reader";
import { Timeline } from "chatapp/room/timeline";
import { onOutbox, viewersOutbox } from "chatapp/sending";
import { TypingLine, TypingNotice } from "chatapp/typing";
import { viewerId } from "chatapp/viewer";
import { word } from "chatapp/words";

/** A server that could not look, or has just let somebody in again, has had this time by then. */
const SUBSCRIBE_AGAIN = 2_000;

/** <chat-room>: a room's page. It shows what is said, as it is said, and what the viewer says. */
export class ChatRoom extends HTMLElement {
  /** @type {(() => void)[]} */ #ends = [];

  connectedCallback() {
    this.room = Number(this.dataset.room);
    this.#build();
    this.#listen();
    this.#ends.push(watch(this.room, () => this.news.tell()));
    this.pending.draw();
    this.reader.begin();
    // Fetched ahead of a click, it did not count as a visit.
    if ("ahead" in this.dataset) post(`/rooms/${this.room}/visits`, {}).catch(() => {});
    // Where there is a keyboard, writing begins without a click.
    if (!hasTouch() && !isLed() && document.activeElement === document.body) this.composer.focus();
  }

  disconnectedCallback() {
    for (const end of this.#ends.splice(0)) end();
  }

  #build() {
    const { room } = this;
    this.timeline = new Timeline(one(this, ".timeline"), {
      room,
      onMove: () => this.reader?.look(),
      onPage: () => this.reader.newLine.draw(),
    });
    // Fingers would get a keyboard that they did not ask for.
    const write = () => hasTouch() || this.composer.focus();
    this.pending = new Pending(this.timeline, viewersOutbox(), write);
    this.jump = new Jump(one(this, ".room-foot") ?? this, () => this.#toLatest(), write);
    this.reader = new Reader(this.timeline, this.jump, this.dataset, write);
    this.typing = new TypingLine(one(this, ".typing-line"));
    this.news = new News(this.dataset, {
      message: (message) => this.#message(message),
      missed: (missed, show) => this.reader.catchUp(missed, show),
      read: (number) => this.reader.moved(number),
      names: () => this.actions.reactions.nameAnew(),
    });
    const notice = new TypingNotice({ clock, say: () => say({ type: "typing", room }) });
    this.actions = new MessageActions(this.timeline, {
      answered: (answer) => this.#answered(answer),
      left: () => this.composer.focus(),
    });
    this.composer = new Composer(/** @type {HTMLFormElement} */ (one(this, ".composer")), {
      room,
      send: (body) => this.#send(body, notice),
      typed: () => isOnline() && notice.typed(),
      editLast: () => this.actions.editLast(),
    });
    offerUnfolding(this.timeline);
    offerKeys(this.timeline.element, () => this.composer.focus());
    this.#watchLeaving();
    this.#ends.push(
      () => this.composer.stop(),
      () => this.timeline.stop(),
      () => this.actions.bar.stop(),
      () => this.news.stop(),
      () => this.reader.stop(),
      () => this.jump.stop(),
      () => this.typing.people.clear(),
    );
  }

  #listen() {
    const here = (act) => (frame) => frame.room === this.room && act(frame);
    for (const type of ["message", "member", "room"]) {
      this.#ends.push(
        listen(
          type,
          here((frame) => this.news.receive(frame)),
        ),
      );
    }
    this.#ends.push(
      listen(
        "missed",
        here((frame) => this.news.missed(frame)),
      ),
      listen(
        "subscribed",
        here(({ seq }) => this.news.answered(seq)),
      ),
      listen(
        "head",
        here(({ seq }) => this.news.behind(seq)),
      ),
      listen(
        "read",
        here(({ number }) => this.reader.moved(number)),
      ),
      listen(
        "typing",
        here((frame) => this.typing.heard(frame)),
      ),
      listen(
        "error",
        here(({ code }) => this.#refused(code)),
      ),
      listen("welcome", ({ workspace }) => this.news.behindWorkspace(workspace)),
      listen("welcome", () => this.#wake()),
      listen("welcome", ({ rooms }) => this.reader.greeted(rooms[this.room]?.read ?? 0)),
      listen("awake", () => this.#wake()),
      listen("person", ({ workspace, user }) => this.news.sawName(workspace, user)),
      listen("state", ({ online }) => online || this.typing.people.clear()),
      onOutbox("changed", () => this.pending.draw()),
      onOutbox("sent", ({ detail }) => detail.room === this.room && this.#confirmed(detail.answer)),
    );
    // It may have been on its way, or fetched ahead of a click, while the window heard a name.
    this.news.behindWorkspace(newestName());
  }

  /**
   * The server doesn't let this page hear the room. One that is the person's all the same is asked
   * for again: they may have come back to it, or the server could not look.
   */
  async #refused(code) {
    if (code === "not_found") await this.news.ask();
    else if (code !== "failed") return;
    if (this.news.closed) return;
    const timer = setTimeout(() => subscribe(this.room), SUBSCRIBE_AGAIN);
    this.#ends.push(() => clearTimeout(timer));
  }

  /** The server, the network or the person is back: what could not be had is asked for again. */
  #wake() {
    this.news.wake();
    this.timeline.wake();
  }

  #watchLeaving() {
    const hear = (/** @type {any} */ { type, target, detail }) => {
      if (!target.action.endsWith("/leave")) return;
      this.news.leaving = type === "turbo:submit-start" || detail.success;
    };
    this.addEventListener("turbo:submit-start", hear);
    this.addEventListener("turbo:submit-end", hear);
  }

  #confirmed(answer) {
    // A try that was thought to have failed may have stored it long ago: then only its copy goes.
    if (this.news.knows(answer.seq)) this.timeline.show(answer);
    else this.news.receive({ ...answer, author: viewerId() });
  }

  /** What the viewer has changed is seen at once, though others' changes before it may be missing. */
  #answered(answer) {
    if (!this.isConnected) return;
    this.timeline.show(answer);
    this.news.receive(answer);
  }

  #message(message) {
    // What becomes of older ones is no sign of what their author does now.
    if (message.number > this.reader.number) this.typing.people.stopped(message.author);
    this.reader.beforeNews(message);
    this.timeline.show(message);
    this.reader.afterNews(message);
  }

  async #send(body, notice) {
    notice.sent();
    this.reader.answered();
    viewersOutbox().add(this.room, body);
    // To be seen at once, though the newest page may be long in coming.
    this.timeline.scroller.toEnd();
    await this.timeline.toLatest();
    this.#showEnd();
  }

  async #toLatest() {
    if (await this.timeline.toLatest()) this.#showEnd();
    else complain(word("noAnswer"));
  }

  #showEnd() {
    if (!this.isConnected) return;
    this.pending.draw();
    this.timeline.scroller.toEnd();
    this.reader.look();
  }
}
