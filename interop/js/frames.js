// The frames of sync: bytes to values and back (docs/protocol.md, "Sync", "Frames").
//
// A range is {mode, upper} and, for a part, {held, total}, for a listing {hashes}.

import { END } from "./holdings.js";

export const MAX_FRAME = 65_536;
const VERSION = 1;
const TYPES = [null, "hello", "ranges", "want", "records", "peers", "over", "done"];
const MODES = ["skip", "part", "listing"];

class NoFrame extends Error {}

function demand(condition, why) {
  if (!condition) throw new NoFrame(why);
}

/** What a frame says, or null if the bytes are none. */
export function parsed(bytes) {
  try {
    const reader = new Reader(bytes);
    demand(reader.u8() === VERSION, "another version");
    const type = TYPES[reader.u8()];
    demand(type, "no such type");
    const value = { type, ...READ[type](reader) };
    demand(reader.left === 0, "something behind it");
    return value;
  } catch (error) {
    if (error instanceof NoFrame) return null;
    throw error;
  }
}

class Reader {
  at = 0;

  constructor(bytes) {
    this.bytes = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length);
  }

  get left() {
    return this.bytes.length - this.at;
  }

  take(count) {
    demand(count <= this.left, "cut off");
    this.at += count;
    return this.bytes.subarray(this.at - count, this.at);
  }

  u8 = () => this.take(1)[0];
  u16 = () => this.take(2).readUInt16BE();
  hash = () => this.take(8).readBigUInt64BE();

  varint() {
    let value = 0;
    for (let step = 0; step < 5; step++) {
      const byte = this.u8();
      value += (byte & 127) * 2 ** (7 * step);
      if (byte < 128) {
        demand(step === 0 || byte > 0, "not in as few bytes as it takes");
        demand(value < 2 ** 32, "2^32 or more");
        return value;
      }
    }
    throw new NoFrame("a number of more than five bytes");
  }

  /** Count, then pieces of 1 to `most` bytes behind their lengths. */
  pieces(mostPieces, most) {
    const count = this.u8();
    demand(count >= 1 && count <= mostPieces, "how many");
    return Array.from({ length: count }, () => {
      const length = this.u16();
      demand(length >= 1 && length <= most, "how long");
      return this.take(length);
    });
  }

  bound(before) {
    const [head, fresh] = [this.u8(), this.u8()];
    const shared = 2 * (head & 31);
    const mode = MODES[head >> 5];
    demand(mode, "no such mode");
    if (fresh === 0) {
      demand(shared === 0, "the end shares nothing");
      return { mode, upper: END };
    }
    demand(shared <= before.length && shared / 2 + fresh <= 20, "a bound too long");
    const bytes = this.take(fresh).toString("hex");
    demand(!bytes.endsWith("00"), "a bound ends in 00");
    const replaced = before.slice(shared, shared + 2);
    demand(bytes.slice(0, 2) > replaced, "a bound does not rise, or shares more than it says");
    return { mode, upper: before.slice(0, shared) + bytes };
  }

  ranges() {
    const ranges = [];
    let [before, last] = ["", null];
    while (this.left > 0) {
      demand(before !== END, "something behind the end");
      const range = this.bound(before);
      demand(!(last === "skip" && range.mode === "skip"), "a skip behind a skip");
      if (range.mode === "part") Object.assign(range, { held: this.varint(), total: this.hash() });
      if (range.mode === "listing") {
        const count = this.varint();
        demand(8 * count <= this.left, "cut off");
        range.hashes = Array.from({ length: count }, this.hash);
      }
      ranges.push(range);
      [before, last] = [range.upper, range.mode];
    }
    demand(ranges.length > 0 && last !== "skip", "no range, or a skip at the end");
    return ranges;
  }
}

const utf8 = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true });

function address(bytes) {
  try {
    return utf8.decode(bytes);
  } catch {
    throw new NoFrame("no UTF-8");
  }
}

const READ = {
  hello(reader) {
    const [flags, take] = [reader.u8(), reader.u16()];
    demand(flags <= 1 && take <= 5_000, "flags or take");
    return { serves: flags === 0, take, salt: reader.take(16) };
  },
  ranges: (reader) => ({ ranges: reader.ranges() }),
  want(reader) {
    const count = reader.left / 8;
    demand(count >= 1 && count <= 8_191 && Number.isInteger(count), "how many");
    return { hashes: Array.from({ length: count }, reader.hash) };
  },
  records: (reader) => ({ envelopes: reader.pieces(96, 640) }),
  peers: (reader) => ({ addresses: reader.pieces(32, 256).map(address) }),
  over: () => ({}),
  done(reader) {
    const more = reader.u8();
    demand(more <= 1, "a flag is 0 or 1");
    return { more: more === 1 };
  },
};

/** The bytes of a frame; the value as `parsed` gives it. */
export function bytesOf(value) {
  return Buffer.concat([Buffer.from([VERSION, TYPES.indexOf(value.type)]), ...WRITE[value.type](value)]);
}

const u16 = (number) => Buffer.from([number >> 8, number & 255]);

function u64(number) {
  const bytes = Buffer.alloc(8);
  bytes.writeBigUInt64BE(number);
  return bytes;
}

function varint(number) {
  const bytes = [];
  for (; number > 127; number = Math.floor(number / 128)) bytes.push((number % 128) | 128);
  return Buffer.from([...bytes, number]);
}

const pieces = (all) => [Buffer.from([all.length]), ...all.flatMap((one) => [u16(one.length), one])];

const WRITE = {
  hello: ({ serves, take, salt }) => [Buffer.from([serves ? 0 : 1]), u16(take), salt],
  ranges({ ranges }) {
    let before = "";
    return ranges.map((range) => {
      const bytes = rangeBytes(before, range);
      before = range.upper;
      return bytes;
    });
  },
  want: ({ hashes }) => hashes.map(u64),
  records: ({ envelopes }) => pieces(envelopes),
  peers: ({ addresses }) => pieces(addresses.map((one) => Buffer.from(one))),
  over: () => [],
  done: ({ more }) => [Buffer.from([more ? 1 : 0])],
};

/** One range behind another in a frame; `before` is the upper bound of that, "" for none. */
export function rangeBytes(before, { mode, upper, held, total, hashes }) {
  let shared = 0;
  if (upper !== END) {
    while (shared < before.length && before.slice(0, shared + 2) === upper.slice(0, shared + 2)) shared += 2;
  }
  const fresh = upper === END ? "" : upper.slice(shared);
  const head = Buffer.from([(MODES.indexOf(mode) << 5) | (shared / 2), fresh.length / 2]);
  const parts = [head, Buffer.from(fresh, "hex")];
  if (mode === "part") parts.push(varint(held), u64(total));
  if (mode === "listing") parts.push(varint(hashes.length), ...hashes.map(u64));
  return Buffer.concat(parts);
}
