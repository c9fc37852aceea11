// One record: reading, judging and signing an envelope (docs/protocol.md, "Records").

import { decoded, encoded, Malformed, NotCanonical } from "./cbor.js";
import { isWeak, verified } from "./ed25519.js";
import { areKnown, canonical, sha256 } from "./names.js";

export const DAY = 86_400;
const MAX_ENVELOPE = 640;
const MAX_BODY = 512;
const MAX_AHEAD = 900;
const MAX_LIFE = 90 * DAY;
const DOMAIN = Buffer.from("web3rec-record-v1\0");
const KINDS = new Set(["listen", "like", "share", "collect", "trust", "item", "retract", "rotate"]);
const FORBIDDEN =
  /[\u{0}-\u{1f}\u{7f}-\u{9f}\u{2028}\u{2029}\u{202a}-\u{202e}\u{2066}-\u{2069}]/u;

/**
 * What to make of a stranger's envelope; never throws.
 *
 * `now` is in unix seconds, `known(id)` says whether a record is held. Gives `{verdict, flaw}` and,
 * once it could be read, `{id, record}`: `record` is the body as an object.
 */
export function judged(envelope, now, known = () => false) {
  if (envelope.length > MAX_ENVELOPE) return reject("oversize");
  const parts = opened(envelope);
  if (parts === null) return reject("malformed");
  const { body, signature } = parts;
  const id = sha256(body);
  if (known(id)) return ignore("known");
  if (body.length > MAX_BODY) return reject("oversize");
  let map;
  try {
    map = decoded(body);
  } catch (error) {
    if (error instanceof Malformed) return reject("malformed");
    if (error instanceof NotCanonical) return reject("not canonical");
    throw error;
  }
  if (!(map instanceof Map)) return reject("malformed");
  if (typeof map.get("v") === "bigint" && map.get("v") > 1n) return ignore("unknown version");
  if (!isLegal(map)) return reject("illegal");
  const { t, x, a, i } = Object.fromEntries(map);
  if (typeof i === "string" && !(areKnown(i) && canonical(i) === i)) return ignore("spelling");
  if (Number(t) > now + MAX_AHEAD) return ignore("from the future");
  if (Number(t) < now - MAX_LIFE) return ignore("stale");
  if (Number(x) <= now) return ignore("expired");
  if (isWeak(a)) return reject("weak key");
  if (!verified(a, Buffer.concat([DOMAIN, body]), signature)) return reject("bad signature");
  return { verdict: "accept", flaw: null, id, record: Object.fromEntries(map) };
}

const reject = (flaw) => ({ verdict: "reject", flaw });
const ignore = (flaw) => ({ verdict: "ignore", flaw });

/** Body and signature of an envelope, or null if it has another layout. */
export function opened(envelope) {
  let map;
  try {
    map = decoded(envelope);
  } catch {
    return null;
  }
  if (!(map instanceof Map) || map.size !== 2) return null;
  const [body, signature] = [map.get("b"), map.get("s")];
  if (!(body instanceof Uint8Array && signature instanceof Uint8Array)) return null;
  return signature.length === 64 ? { body, signature } : null;
}

function isLegal(map) {
  const { a, i, k, m, n, t, v, w, x } = Object.fromEntries(map);
  return (
    map.size === (k === "item" ? 9 : 8) &&
    isBytes(a, 32, 32) &&
    KINDS.has(k) &&
    isAbout(i, k, a) &&
    (k === "item" ? isMeta(m) : !map.has("m")) &&
    isInteger(n, 0n, (1n << 63n) - 1n) &&
    isInteger(t, 0n, (1n << 40n) - 1n) &&
    v === 1n &&
    isInteger(w, 1n, 8n) &&
    isInteger(x, 0n, (1n << 40n) - 1n) &&
    x > t &&
    x - t <= BigInt(MAX_LIFE) &&
    (k !== "retract" || x - t === BigInt(MAX_LIFE))
  );
}

function isAbout(i, k, a) {
  const isPeer = isBytes(i, 32, 32) && Buffer.compare(i, a) !== 0;
  if (k === "trust" || k === "rotate") return isPeer;
  if (k === "retract" && i === "*") return true;
  if (!isText(i, 1, 64)) return isBytes(i, 16, 32);
  return i !== "*" && (canonical(i) === i || !isAscii(i)); // beyond ASCII see "spelling"
}

function isMeta(m) {
  if (!(m instanceof Map) || m.size !== 3) return false;
  const { tags, title, creator } = Object.fromEntries(m);
  return (
    isText(title, 0, 120) &&
    isText(creator, 0, 120) &&
    Array.isArray(tags) &&
    tags.length <= 16 &&
    tags.every((tag) => isText(tag, 1, 32))
  );
}

const isInteger = (value, least, most) =>
  typeof value === "bigint" && value >= least && value <= most;
const isAscii = (text) => !/[^\u{0}-\u{7f}]/u.test(text);
const isBytes = (value, least, most) =>
  value instanceof Uint8Array && value.length >= least && value.length <= most;

function isText(value, least, most) {
  if (typeof value !== "string" || FORBIDDEN.test(value)) return false;
  const length = [...value].length; // code points, not UTF-16 units
  return length >= least && length <= most;
}

/** Body, envelope and id of a record by this key pair; fields as in the body, integers as BigInt. */
export function signed({ i, k, m, n, t, w = 1n, x }, pair) {
  const fields = Object.entries({ a: pair.key, i, k, m, n, t, v: 1n, w, x });
  const body = encoded(new Map(fields.filter(([, value]) => value !== undefined)));
  const signature = pair.sign(Buffer.concat([DOMAIN, body]));
  return { body, envelope: encoded(new Map([["b", body], ["s", signature]])), id: sha256(body) };
}
