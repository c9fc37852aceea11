// Strict DAG-CBOR, as far as records need it: integers, bytes, texts, lists, maps, null and booleans.
// Every integer is a BigInt, every byte string a Uint8Array.

/** The bytes are no single CBOR item, or one with tags or of more than four open lists and maps. */
export class Malformed extends Error {}
/** A CBOR item, but not spelled the one way DAG-CBOR allows. */
export class NotCanonical extends Error {}

const MAX_OPEN = 4;
const utf8 = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true });
const text = new TextEncoder();

/** The one item these bytes are. Throws Malformed or NotCanonical, nothing else. */
export function decoded(bytes) {
  const reader = new Reader(bytes);
  const item = reader.item(0);
  if (reader.at !== bytes.length) throw new Malformed("bytes behind the item");
  if (reader.fault) throw new NotCanonical(reader.fault);
  return item;
}

class Reader {
  at = 0;
  fault = ""; // remembered, not thrown: that the item is whole is looked at first

  constructor(bytes) {
    this.bytes = bytes;
  }

  take(count) {
    if (count > this.bytes.length - this.at) throw new Malformed("cut off");
    this.at += count;
    return this.bytes.subarray(this.at - count, this.at);
  }

  head() {
    const first = this.take(1)[0];
    const major = first >> 5;
    const info = first & 31;
    if (info < 24) return [major, info, BigInt(info)];
    if (info === 31) throw new NotCanonical("indefinite length");
    if (info > 27) throw new Malformed("reserved head");
    const value = this.take(1 << (info - 24)).reduce((sum, byte) => (sum << 8n) | BigInt(byte), 0n);
    const least = [24n, 1n << 8n, 1n << 16n, 1n << 32n][info - 24];
    if (major !== 7 && value < least) this.fault = "head longer than needed";
    return [major, info, value];
  }

  item(open) {
    const [major, info, value] = this.head();
    switch (major) {
      case 0:
        return value;
      case 1:
        return -1n - value;
      case 2:
        return this.take(Number(value));
      case 3:
        return this.text(this.take(Number(value)));
      case 4:
      case 5:
        if (open === MAX_OPEN) throw new Malformed("nested too deeply");
        return major === 4 ? this.list(value, open + 1) : this.map(value, open + 1);
      case 6:
        throw new Malformed("a tag");
      default:
        if (info < 20 || info > 22) this.fault = "a float or an unknown simple value";
        return [false, true, null][info - 20];
    }
  }

  text(bytes) {
    try {
      return utf8.decode(bytes);
    } catch {
      this.fault = "not UTF-8";
      return "";
    }
  }

  list(count, open) {
    const items = [];
    for (let i = 0n; i < count; i++) items.push(this.item(open));
    return items;
  }

  map(count, open) {
    const entries = new Map();
    let last = "";
    for (let i = 0n; i < count; i++) {
      const key = this.item(open);
      if (typeof key !== "string") this.fault = "a key that is no text";
      else if (i > 0n && compareKeys(last, key) >= 0) this.fault = "keys out of order";
      else last = key;
      entries.set(key, this.item(open));
    }
    return entries;
  }
}

function compareKeys(one, other) {
  const [a, b] = [Buffer.from(one), Buffer.from(other)];
  return a.length - b.length || Buffer.compare(a, b);
}

/** The spelling of a value: BigInt, string, Uint8Array, array, or Map with text keys. */
export function encoded(value) {
  if (typeof value === "bigint") return value < 0n ? head(1, -1n - value) : head(0, value);
  if (typeof value === "string") return prefixed(3, text.encode(value));
  if (value instanceof Uint8Array) return prefixed(2, value);
  if (Array.isArray(value)) {
    return Buffer.concat([head(4, BigInt(value.length)), ...value.map(encoded)]);
  }
  const entries = [...value].sort(([one], [other]) => compareKeys(one, other));
  return Buffer.concat([head(5, BigInt(entries.length)), ...entries.flat().map(encoded)]);
}

function prefixed(major, bytes) {
  return Buffer.concat([head(major, BigInt(bytes.length)), bytes]);
}

function head(major, value) {
  if (value < 24n) return Buffer.from([(major << 5) | Number(value)]);
  const size = value < 1n << 8n ? 0 : value < 1n << 16n ? 1 : value < 1n << 32n ? 2 : 3;
  const hex = value.toString(16).padStart(2 << size, "0");
  return Buffer.concat([Buffer.from([(major << 5) | (24 + size)]), Buffer.from(hex, "hex")]);
}
