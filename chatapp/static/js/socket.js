import { backoff } from "chatapp/clock";

/** The server says something at least every 6 s; after 13 s without a word nobody is there. */
const SILENCE = 13_000;
/** Longer than one beat: after sleep, don't trust a line that was quiet for so long. */
const DOUBTFUL = 7_000;
/** A server that restarts gets its people back spread over this time. */
const SPREAD = 3_000;

const RESTARTING = 1012;
const TOO_SLOW = 1013;
const TOO_MUCH = [1008, 1009];
const SIGNED_OUT = [4001, 4003];
const LOST = 1006;

/**
 * One lasting conversation with the server over many sockets: it notices silence, and returns.
 * `onState(true)` follows the welcome, `onState(false)` the loss.
 */
export class Socket {
  #socket = null;
  #silence = null;
  #retry = null;
  #attempt = 0;
  #heard = 0;
  #online = false;

  /**
   * @param {object} options
   * @param {() => any} options.open Makes a WebSocket.
   * @param {import("chatapp/clock").Clock} options.clock
   * @param {(frame: any) => void} options.onFrame
   * @param {(online: boolean) => void} options.onState
   * @param {() => void} options.onSignedOut
   * @param {(attempt: number) => void} [options.onFailure] Another try has failed.
   * @param {() => number} [options.random]
   */
  constructor({ open, clock, onFrame, onState, onSignedOut, onFailure, random = Math.random }) {
    this.open = open;
    this.clock = clock;
    this.onFrame = onFrame;
    this.onState = onState;
    this.onSignedOut = onSignedOut;
    this.onFailure = onFailure ?? (() => {});
    this.random = random;
  }

  get online() {
    return this.#online;
  }

  start() {
    this.clock.cancel(this.#retry);
    this.#retry = null;
    const socket = this.open();
    this.#socket = socket;
    this.#heard = this.clock.now();
    const mine = (act) => (event) => {
      if (socket === this.#socket) act(event);
    };
    socket.onmessage = mine(({ data }) => this.#hear(JSON.parse(data)));
    socket.onclose = mine(({ code }) => this.#lose(code));
    this.#expectWords();
  }

  /** Leave for good. */
  stop() {
    this.#drop();
    this.clock.cancel(this.#retry);
    this.#retry = null;
  }

  /**
   * Say something; lost while offline, for everything said here is said anew on return.
   * @param {object} frame
   */
  send(frame) {
    if (this.#online) this.#socket.send(JSON.stringify(frame));
  }

  /** The network or the person is back: don't wait any longer, don't trust a quiet line. */
  wake() {
    const quiet = this.#socket && this.clock.now() - this.#heard > DOUBTFUL;
    if (quiet) this.#drop();
    if (quiet || this.#retry !== null) this.start();
  }

  #hear(frame) {
    this.#heard = this.clock.now();
    this.#expectWords();
    if (frame.type === "welcome") this.#setOnline(true);
    // A line that lasted until the first beat is a good one.
    if (frame.type === "beat") this.#attempt = 0;
    else this.onFrame(frame);
  }

  #expectWords() {
    this.clock.cancel(this.#silence);
    this.#silence = this.clock.after(SILENCE, () => this.#lose(LOST));
  }

  #lose(code) {
    this.#drop();
    if (SIGNED_OUT.includes(code)) {
      this.onSignedOut();
      return;
    }
    this.#retry = this.clock.after(this.#wait(code), () => this.start());
    this.#attempt += 1;
    this.onFailure(this.#attempt);
  }

  #wait(code) {
    if (TOO_MUCH.includes(code)) this.#attempt += 2;
    if (this.#attempt === 0 && code === TOO_SLOW) return 0;
    if (this.#attempt === 0 && code === RESTARTING) return this.random() * SPREAD;
    return backoff(this.#attempt, this.random);
  }

  #drop() {
    const socket = this.#socket;
    this.#socket = null;
    this.clock.cancel(this.#silence);
    this.#setOnline(false);
    socket?.close(1000);
  }

  #setOnline(online) {
    if (online === this.#online) return;
    this.#online = online;
    this.onState(online);
  }
}
