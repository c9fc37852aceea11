// Records of an author made here, and sets of them for a session.

import { randomBytes } from "node:crypto";

import { pairOf } from "./ed25519.js";
import { element } from "./holdings.js";
import { itemKey, sha256 } from "./names.js";
import { DAY, signed } from "./record.js";

export class Author {
  #pair = pairOf(randomBytes(32));
  #count = 0;

  get key() {
    return this.#pair.key.toString("hex");
  }

  /** A like of today, expiring in 30 days: {body, envelope, id, x}. */
  like(uri) {
    const t = Math.floor(Date.now() / 1000 / DAY) * DAY;
    const n = (BigInt(t / DAY) << 24n) | BigInt((this.#count += 1) << 8);
    const fields = { k: "like", i: itemKey(uri), n, t: BigInt(t), x: BigInt(t + 30 * DAY) };
    return { ...signed(fields, this.#pair), x: fields.x };
  }
}

/** The same envelope with one bit of its signature turned. */
export function forged({ envelope }) {
  const bent = Buffer.from(envelope);
  bent[bent.length - 9] ^= 1;
  return bent;
}

/** What a session holds: these records, as `sync.js` wants them. */
export function holding(...records) {
  return new Map(records.map((one) => [element(one.x, one.id), { envelope: one.envelope, retraction: false }]));
}

/** A record that is no record, in an element's place. */
export function falseHolding(envelope) {
  const x = BigInt(Math.floor(Date.now() / 1000) + 30 * DAY);
  return new Map([[element(x, sha256(envelope)), { envelope, retraction: false }]]);
}
