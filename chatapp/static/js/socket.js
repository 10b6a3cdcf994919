/** The server says something at least every 6 s; after 12 s without a word nobody is there. */
const SILENCE = 12_000;
/** Longer than one beat: after sleep, don't trust a line that was quiet for so long. */
const DOUBTFUL = 7_000;
/** Whoever was asked after sleep whether they are there has answered by then, */
const SIGN = 2_500;
/** with one of these; what else comes may have been on its way since before. */
const ANSWERS = ["welcome", "missed", "subscribed", "error"];
/** A server that restarts gets its people back spread over this time. */
const SPREAD = 3_000;
/** Who asked too much of the server leaves it alone for so long at least. */
const LATER = 5_000;
/** The first try to return is made within this time, before the page tells of the loss, */
const FIRST = 1_500;
/** later ones within this, so that a short outage is over for everybody within 5 s, */
const SOON = 4_000;
/** and after a minute within a fifteenth of the absence, up to this. */
const LONGEST = 30_000;
const PATIENCE = 15;

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
  /** @type {number | null} */ #lostAt = null;
  #heard = 0;
  #online = false;
  #doubted = false;

  /**
   * @param {object} options
   * @param {() => any} options.open Makes a WebSocket.
   * @param {import("chatapp/clock").Clock} options.clock
   * @param {(frame: any) => void} options.onFrame
   * @param {(online: boolean) => void} options.onState
   * @param {() => void} options.onSignedOut
   * @param {() => void} [options.ask] Says something that the server answers at once.
   * @param {() => void} [options.onDead] After sleep there was no answer.
   * @param {(attempt: number) => void} [options.onFailure] Another try has failed.
   * @param {() => number} [options.random]
   */
  constructor({
    open,
    clock,
    onFrame,
    onState,
    onSignedOut,
    ask = () => {},
    onDead = () => {},
    onFailure = () => {},
    random = Math.random,
  }) {
    this.open = open;
    this.clock = clock;
    this.onFrame = onFrame;
    this.onState = onState;
    this.onSignedOut = onSignedOut;
    this.ask = ask;
    this.onDead = onDead;
    this.onFailure = onFailure;
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

  /**
   * The network or the person is back: don't wait any longer, don't trust a quiet line.
   *
   * @param {{slept?: boolean}} [how] `slept`: the clock may have stood still, so that nobody knows how
   *   long the line was quiet. Or it is only the wall clock that was set: then the line is good.
   */
  wake({ slept = false } = {}) {
    const quiet = this.#socket && this.clock.now() - this.#heard > DOUBTFUL;
    if (quiet) this.#drop();
    if (quiet || this.#retry !== null) this.start();
    else if (slept && this.#socket) this.#askForSign();
  }

  #askForSign() {
    this.#doubted = true;
    this.clock.cancel(this.#silence);
    this.#silence = this.clock.after(SIGN, () => this.#replace());
    this.ask();
  }

  /** Nobody is there. Who slept comes back alone, not with a crowd: at once. */
  #replace() {
    this.#drop();
    this.onDead();
    this.start();
  }

  #hear(frame) {
    this.#heard = this.clock.now();
    if (!this.#doubted || ANSWERS.includes(frame.type)) this.#expectWords();
    if (frame.type === "welcome") this.#setOnline(true);
    // A line that lasted until the first beat is a good one.
    if (frame.type === "beat") this.#trust();
    else this.onFrame(frame);
  }

  #trust() {
    this.#attempt = 0;
    this.#lostAt = null;
  }

  #expectWords() {
    this.#doubted = false;
    this.clock.cancel(this.#silence);
    this.#silence = this.clock.after(SILENCE, () => this.#lose(LOST));
  }

  #lose(code) {
    this.#drop();
    if (SIGNED_OUT.includes(code)) {
      this.onSignedOut();
      return;
    }
    this.#lostAt ??= this.clock.now();
    this.#retry = this.clock.after(this.#wait(code), () => this.start());
    this.#attempt += 1;
    this.onFailure(this.#attempt);
  }

  #wait(code) {
    if (TOO_MUCH.includes(code)) return LATER + this.#jitter();
    if (this.#attempt === 0 && code === TOO_SLOW) return 0;
    if (this.#attempt === 0 && code === RESTARTING) return this.random() * SPREAD;
    return this.#jitter();
  }

  /** Anywhere in the time allowed, so that a crowd doesn't return in step. */
  #jitter() {
    if (this.#attempt === 0) return this.random() * FIRST;
    const away = this.clock.now() - (this.#lostAt ?? 0);
    return this.random() * Math.min(LONGEST, Math.max(SOON, away / PATIENCE));
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
