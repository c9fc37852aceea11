// How peers and items are spelled.

import { createHash } from "node:crypto";

const ALPHABET = "123456789ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnopqrstuvwxyz";

export function sha256(bytes) {
  return createHash("sha256").update(bytes).digest();
}

function base58(bytes) {
  let [number, digits] = [BigInt(`0x${Buffer.from(bytes).toString("hex")}`), ""];
  for (; number > 0n; number /= 58n) digits = ALPHABET[Number(number % 58n)] + digits;
  return "1".repeat(bytes.findIndex((byte) => byte !== 0)) + digits;
}

/** did:key of an Ed25519 key. */
export function did(key) {
  return `did:key:z${base58(Buffer.concat([Buffer.from([0xed, 0x01]), key]))}`;
}

/** libp2p peer id of an Ed25519 key. */
export function peerId(key) {
  return base58(Buffer.concat([Buffer.from("002408011220", "hex"), key]));
}

/** The canonical form of a URI. JavaScript's trim() is not it: it would take U+FEFF away too. */
export function canonical(uri) {
  const bare = uri.normalize("NFC").replace(/^\p{White_Space}+|\p{White_Space}+$/gu, "");
  const colon = bare.indexOf(":");
  return colon < 0 ? bare : bare.slice(0, colon).toLowerCase() + bare.slice(colon);
}

/** The 16 bytes that stand for a canonical URI. */
export function itemKey(uri) {
  return sha256(Buffer.from(uri)).subarray(0, 16);
}
