// The set one end of a sync holds: elements, their hashes in this session, fingerprints of ranges.
//
// An element is 40 hex digits, a bound an even number of them: strings of hex digits compare like
// the bytes they spell, and END is above them all.

import { createCipheriv, createHash } from "node:crypto";

export const END = "g";

/** The key of a session, 16 bytes. */
export function sessionKey(openerSalt, serverSalt) {
  const hash = createHash("sha256").update("web3rec-sync-1\0").update(openerSalt).update(serverSalt);
  return hash.digest().subarray(0, 16);
}

/** The hash of each element, as a BigInt below 2^64. */
export function hashes(key, elements) {
  const cipher = createCipheriv("aes-128-ecb", key, null).setAutoPadding(false);
  const blocks = cipher.update(Buffer.from(elements.map((one) => one.slice(8)).join(""), "hex"));
  return elements.map((_, at) => blocks.readBigUInt64BE(16 * at));
}

/** The element of a record: the day it expires, and half of its id. */
export function element(x, id) {
  const day = Buffer.alloc(4);
  day.writeUInt32BE(Number(x / 86_400n));
  return day.toString("hex") + Buffer.from(id).toString("hex", 0, 16);
}

/** The shortest bound that lies above one element and not above the next. */
export function boundBetween(below, above) {
  let same = 0;
  while (below.startsWith(above.slice(0, same + 2))) same += 2;
  return above.slice(0, same + 2);
}

export class Holdings {
  constructor(elements, key) {
    this.elements = [...elements].sort();
    this.hashes = hashes(key, this.elements);
    this.byHash = new Map(this.hashes.map((hash, at) => [hash, this.elements[at]]));
    this.sums = [0n];
    for (const hash of this.hashes) this.sums.push(BigInt.asUintN(64, this.sums.at(-1) + hash));
  }

  /** How many elements lie below a bound. */
  rank(bound) {
    let [low, high] = [0, this.elements.length];
    while (low < high) {
      const middle = (low + high) >> 1;
      if (this.elements[middle] < bound) low = middle + 1;
      else high = middle;
    }
    return low;
  }

  /** Where a range begins and ends in `elements`. */
  span(lower, upper) {
    return [this.rank(lower), this.rank(upper)];
  }

  fingerprint(lower, upper) {
    const [first, last] = this.span(lower, upper);
    return { held: last - first, total: BigInt.asUintN(64, this.sums[last] - this.sums[first]) };
  }

  listing(lower, upper) {
    return this.hashes.slice(...this.span(lower, upper));
  }

  /** The upper bounds of at most `parts` ranges of about as many elements each. */
  cuts(lower, upper, parts) {
    const [first, last] = this.span(lower, upper);
    const bounds = [];
    const size = Math.ceil((last - first) / parts);
    for (let at = first + size; at < last; at += size) {
      bounds.push(boundBetween(this.elements[at - 1], this.elements[at]));
    }
    return [...bounds, upper];
  }
}
