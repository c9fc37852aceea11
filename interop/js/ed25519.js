// Ed25519 with the refusals of docs/protocol.md "Keys and signatures" before the arithmetic.

import { createPrivateKey, createPublicKey, sign as signBytes, verify as verifyBytes } from "node:crypto";

const P = (1n << 255n) - 19n;
const ORDER = (1n << 252n) + 27742317777372353535851937790883648493n;
const Y8 = littleEndian(
  Buffer.from("26e8958fc2b227b045c3f489f2ef98f0d5dfac05d3c63339b13802886d53fc05", "hex"),
);
const SMALL = new Set([0n, 1n, P - 1n, Y8, P - Y8]);
const PRIVATE = Buffer.from("302e020100300506032b657004220420", "hex"); // PKCS 8 around a seed
const PUBLIC = Buffer.from("302a300506032b6570032100", "hex"); // SPKI around a key

function littleEndian(bytes) {
  return BigInt(`0x${Buffer.from(bytes).reverse().toString("hex")}`);
}

/** Whether a point's 32 bytes are refused unseen: not reduced, or of order 1, 2, 4 or 8. */
export function isWeak(point) {
  const y = littleEndian(point) & ((1n << 255n) - 1n);
  return y >= P || SMALL.has(y);
}

/** Whether 64 bytes are this key's signature of the message. */
export function verified(key, message, signature) {
  const [r, s] = [signature.subarray(0, 32), signature.subarray(32)];
  if (isWeak(key) || isWeak(r) || littleEndian(s) >= ORDER) return false;
  try {
    const der = Buffer.concat([PUBLIC, key]);
    return verifyBytes(null, message, createPublicKey({ key: der, format: "der", type: "spki" }), signature);
  } catch {
    return false; // no point of the curve
  }
}

/** A key pair of 32 bytes of seed: `key`, the public one, and `sign(message)`. */
export function pairOf(seed) {
  const secret = createPrivateKey({ key: Buffer.concat([PRIVATE, seed]), format: "der", type: "pkcs8" });
  const key = createPublicKey(secret).export({ format: "der", type: "spki" }).subarray(-32);
  return { key, sign: (message) => signBytes(null, message, secret) };
}
