// One end of a sync session, without any input or output (docs/protocol.md, "Sync", "Turns").

import { bytesOf, MAX_FRAME, parsed, rangeBytes } from "./frames.js";
import { END, Holdings, sessionKey } from "./holdings.js";

const LIST_AT_MOST = 64;
const PARTS = 32;
const MAX_WANTED = 32_768;

/** The other end broke a rule; the session is to be cut off. */
export class Offence extends Error {}

function demand(condition, why) {
  if (!condition) throw new Offence(why);
}

export class Session {
  over = false;
  got = []; // envelopes, as they came
  heard = []; // addresses
  more = false; // the other end left something out
  #other = null; // its hello
  #holdings = null;
  #open = [["", END]]; // ranges an answer may lie in
  #listed = new Set(); // hashes the other may ask for
  #asked = []; // elements it asked for
  #owed = []; // elements it lacks
  #wanted = 0;
  #turn = null; // of the turn that is being heard
  #last = { mine: false, theirs: false };

  /**
   * `held`: Map of element (hex) to {envelope, retraction}, or to null if it may not leave.
   * `salt`: 16 random bytes. `take`: records at most. `serves`: false at privacy level 0.
   */
  constructor({ held, salt, opener, take = 5_000, serves = true, addresses = [] }) {
    Object.assign(this, { held, salt, opener, take, serves, addresses });
  }

  /** The opener's first turn. */
  hello() {
    return [bytesOf({ type: "hello", serves: this.serves, take: this.take, salt: this.salt })];
  }

  /** Take one frame of the other end; gives the frames to send now, mostly none. */
  hear(bytes) {
    const frame = parsed(bytes);
    demand(frame, "bytes that are no frame");
    if (this.#other === null) return this.#greeted(frame);
    demand(!this.over && !this.#last.theirs, "a frame out of turn");
    this.#turn ??= { reached: "", stage: 0, ranges: [], asked: [], spoke: false };
    const stage = { ranges: 0, want: 1, records: 2, peers: 3, over: 4, done: 4 }[frame.type];
    const once = frame.type === "peers" ? 1 : 0;
    demand(stage !== undefined && stage >= this.#turn.stage, "a frame out of order");
    this.#turn.stage = stage + once;
    return this[`_${frame.type}`](frame);
  }

  #greeted(frame) {
    demand(frame.type === "hello", "no hello");
    this.#other = frame;
    const salts = this.opener ? [this.salt, frame.salt] : [frame.salt, this.salt];
    this.#holdings = new Holdings(this.held.keys(), sessionKey(...salts));
    if (this.opener) return [];
    this.#open = [];
    const first = this.#gives || this.#takes ? this.#divided("", END) : [];
    return [...this.hello(), ...this.#spoken(first, [])];
  }

  get #gives() {
    return this.serves && this.#other.take > 0;
  }

  get #takes() {
    return this.#other.serves && this.take > 0;
  }

  // -- frames of the other end -----------------------------------------------------------------

  _ranges({ ranges }) {
    let lower = "";
    for (const range of ranges) {
      if (range.mode !== "skip") {
        demand(lower >= this.#turn.reached, "ranges that do not rise");
        const inside = ([from, to]) => from <= lower && range.upper <= to;
        demand(this.#open.some(inside), "a range outside of what is open");
        this.#turn.reached = range.upper;
        if (range.mode === "part") this.#compare(lower, range);
        else this.#settle(lower, range);
      }
      lower = range.upper;
    }
    this.#turn.spoke = true;
    return [];
  }

  #compare(lower, { upper, held, total }) {
    const own = this.#holdings.fingerprint(lower, upper);
    if (own.held === held && own.total === total) return;
    if (held === 0) this.#owe(lower, upper, new Set());
    else this.#turn.ranges.push(...this.#divided(lower, upper));
  }

  #settle(lower, { upper, hashes }) {
    const [theirs, ours] = [new Set(hashes), new Set(this.#holdings.listing(lower, upper))];
    this.#owe(lower, upper, theirs);
    if (this.#takes) this.#turn.asked.push(...[...theirs].filter((hash) => !ours.has(hash)));
  }

  #owe(lower, upper, theirs) {
    const [first, last] = this.#holdings.span(lower, upper);
    for (let at = first; at < last; at++) {
      if (!theirs.has(this.#holdings.hashes[at])) this.#owed.push(this.#holdings.elements[at]);
    }
  }

  _want({ hashes }) {
    demand(this.serves, "a want of who does not serve");
    for (const hash of hashes) {
      demand(this.#listed.delete(hash), "a want of what was not listed");
      this.#asked.push(this.#holdings.byHash.get(hash));
    }
    return [];
  }

  _records({ envelopes }) {
    demand(!this.#turn.spoke && this.#other.serves, "records out of order");
    demand(this.got.length + envelopes.length <= this.take, "more records than are taken");
    this.got.push(...envelopes);
    return [];
  }

  _peers({ addresses }) {
    demand(!this.#turn.spoke && this.#other.serves, "addresses out of order");
    this.heard.push(...addresses);
    return [];
  }

  _over() {
    demand(this.#turn.spoke && !this.#last.mine, "no ranges before over");
    const { ranges, asked } = this.#turn;
    return this.#spoken(ranges, asked);
  }

  _done({ more }) {
    demand(!this.#turn.spoke, "ranges in a last turn");
    this.more = more;
    this.#last.theirs = true;
    this.over = this.#last.mine;
    return this.over ? [] : this.#spoken([], []);
  }

  // -- own turns -------------------------------------------------------------------------------

  /** What is held in a range: listed if it is little, else as parts. */
  #divided(lower, upper) {
    const { held } = this.#holdings.fingerprint(lower, upper);
    if (held <= LIST_AT_MOST) {
      return [{ mode: "listing", lower, upper, hashes: this.#holdings.listing(lower, upper) }];
    }
    let from = lower;
    return this.#holdings.cuts(lower, upper, PARTS).map((to) => {
      const part = { mode: "part", lower: from, upper: to, ...this.#holdings.fingerprint(from, to) };
      from = to;
      return part;
    });
  }

  #spoken(ranges, asked) {
    const wanted = asked.slice(0, MAX_WANTED - this.#wanted);
    this.#wanted += wanted.length;
    const wants = groups(wanted, 8_191).map((hashes) => bytesOf({ type: "want", hashes }));
    this.#turn = null;
    this.#open = [];
    this.#listed = new Set();
    for (const { mode, lower, upper, hashes } of ranges) {
      if (mode === "listing") hashes.forEach((hash) => this.#listed.add(hash));
      else if (this.#open.at(-1)?.[1] === lower) this.#open.at(-1)[1] = upper;
      else this.#open.push([lower, upper]);
    }
    if (ranges.length > 0) return [...rangeFrames(ranges), ...wants, bytesOf({ type: "over" })];
    this.#last.mine = true;
    this.over = this.#last.theirs;
    return [...wants, ...this.#farewell()];
  }

  #farewell() {
    const due = this.#gives ? [...new Set([...this.#asked, ...this.#owed])] : [];
    const able = due.filter((one) => this.held.get(one));
    const retracts = (one) => (this.held.get(one).retraction ? 1 : 0);
    able.sort((one, other) => retracts(other) - retracts(one) || (one < other ? 1 : -1));
    const envelopes = able.slice(0, this.#other.take).map((one) => this.held.get(one).envelope);
    const frames = groups(envelopes, 96).map((some) => ({ type: "records", envelopes: some }));
    if (this.serves && this.addresses.length > 0) {
      frames.push({ type: "peers", addresses: this.addresses.slice(0, 32) });
    }
    return [...frames, { type: "done", more: envelopes.length < able.length }].map(bytesOf);
  }
}

function groups(items, size) {
  return Array.from({ length: Math.ceil(items.length / size) }, (_, at) =>
    items.slice(size * at, size * (at + 1)),
  );
}

/** As many frames as ranges need; what lies between them is skipped. */
function rangeFrames(ranges) {
  const frames = [];
  let [rows, before, size] = [[], "", 2];
  const flush = () => {
    frames.push(bytesOf({ type: "ranges", ranges: rows }));
    [rows, before, size] = [[], "", 2];
  };
  for (const range of ranges) {
    const add = () => {
      const added = before === range.lower ? [range] : [{ mode: "skip", upper: range.lower }, range];
      const lengths = added.map((one, at) => rangeBytes(at ? added[at - 1].upper : before, one).length);
      return [added, lengths.reduce((sum, length) => sum + length, 0)];
    };
    let [added, length] = add();
    if (size + length > MAX_FRAME) {
      flush();
      [added, length] = add();
    }
    rows.push(...added);
    [before, size] = [range.upper, size + length];
  }
  flush();
  return frames;
}
