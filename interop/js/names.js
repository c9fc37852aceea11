// How peers and items are spelled.

import { createHash } from "node:crypto";
import { readFileSync } from "node:fs";

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

const SPACE =
  "[\\u{9}-\\u{d}\\u{20}\\u{85}\\u{a0}\\u{1680}\\u{2000}-\\u{200a}\\u{2028}\\u{2029}\\u{202f}\\u{205f}\\u{3000}]";
const AROUND = new RegExp(`^${SPACE}+|${SPACE}+$`, "gu");
const { characters } = JSON.parse(
  readFileSync(new URL("../../tests/vectors/spelling.json", import.meta.url), "utf8"),
);
const ranges = characters.split(" ").map((range) => range.replace(/[0-9a-f]+/g, "\\u{$&}"));
const KNOWN = new RegExp(`^[${ranges.join("")}]*$`, "u");

/** Whether a URI in a record may hold these characters; not a matter of our own Unicode. */
export function areKnown(text) {
  return KNOWN.test(text);
}

/** The canonical form of a URI, with white space and capitals by value: no trim, no toLowerCase. */
export function canonical(uri) {
  const bare = uri.normalize("NFC").replace(AROUND, "");
  const colon = bare.indexOf(":");
  if (colon < 0) return bare;
  const scheme = bare.slice(0, colon).replace(/[A-Z]/g, (capital) => capital.toLowerCase());
  return (scheme + bare.slice(colon)).normalize("NFC"); // j has a letter with a caron, J has none
}

/** The 16 bytes that stand for a canonical URI. */
export function itemKey(uri) {
  return sha256(Buffer.from(uri)).subarray(0, 16);
}
