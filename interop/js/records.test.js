// All of tests/vectors/records.json, and the example of a gossip message.

import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { test } from "node:test";

import { pairOf } from "./ed25519.js";
import { envelopes, message } from "./gossip.js";
import { areKnown, canonical, did, itemKey, peerId } from "./names.js";
import { judged, signed } from "./record.js";

const vectors = JSON.parse(
  readFileSync(new URL("../../tests/vectors/records.json", import.meta.url), "utf8"),
);
const spelling = JSON.parse(
  readFileSync(new URL("../../tests/vectors/spelling.json", import.meta.url), "utf8"),
);
const now = vectors.now / 1000;
const hex = (bytes) => Buffer.from(bytes).toString("hex");
const raw = (text) => Buffer.from(text, "hex");

function fields({ k, i, w, m, n, t, x }, source) {
  const [, digits] = /"n":\s*(\d+)/.exec(source) ?? []; // beyond 2^53 JSON.parse rounds
  return {
    k,
    i: typeof i === "string" ? i : raw(i.bytes),
    m: m === null ? undefined : new Map(Object.entries(m)),
    n: BigInt(digits ?? n),
    t: BigInt(t),
    w: BigInt(w),
    x: BigInt(x),
  };
}

const sources = readFileSync(new URL("../../tests/vectors/records.json", import.meta.url), "utf8")
  .split('"refuse"')[0]
  .split('"name"')
  .slice(1);

for (const [index, vector] of vectors.accept.entries()) {
  test(`record: ${vector.name}`, () => {
    const made = signed(fields(vector, sources[index]), pairOf(raw(vector.seed)));
    assert.equal(hex(made.body), vector.body);
    assert.equal(hex(made.envelope), vector.envelope);
    assert.equal(hex(made.id), vector.id);
    const { verdict, flaw, id, record } = judged(raw(vector.envelope), now);
    assert.deepEqual([verdict, flaw, hex(id)], ["accept", null, vector.id]);
    assert.equal(record.k, vector.k);
    assert.equal(judged(raw(vector.envelope), now, () => true).flaw, "known");
  });
}

for (const vector of vectors.refuse) {
  test(`refused: ${vector.name}`, () => {
    const { verdict, flaw } = judged(raw(vector.envelope), now);
    assert.deepEqual([verdict, flaw], [vector.verdict, vector.flaw]);
  });
}

test("no cut, bent or lengthened envelope is accepted, and none throws", () => {
  const whole = raw(vectors.accept[6].envelope);
  for (let at = 0; at < whole.length; at++) {
    assert.equal(judged(whole.subarray(0, at), now).verdict, "reject");
    const bent = Buffer.from(whole);
    bent[at] ^= 1;
    assert.notEqual(judged(bent, now).verdict, "accept", `bit of byte ${at}`);
  }
  assert.equal(judged(Buffer.concat([whole, raw("00")]), now).verdict, "reject");
});

test("spellings of peers and items", () => {
  for (const peer of vectors.peers) {
    assert.equal(did(raw(peer.raw)), peer.did);
    assert.equal(peerId(raw(peer.raw)), peer.libp2p);
  }
  for (const item of vectors.items) {
    assert.equal(canonical(item.uri), item.canonical);
    assert.equal(hex(itemKey(item.canonical)), item.key);
  }
});

for (const { name, uri, envelope, verdict, flaw } of spelling.judged) {
  test(`spelling: ${name}`, () => {
    const found = judged(raw(envelope), spelling.now / 1000);
    assert.deepEqual([found.verdict, found.flaw], [verdict, flaw]);
    if (flaw === null) assert.equal(found.record.i, uri);
  });
}

test("canonical spellings", () => {
  for (const { name, text, canonical: uri, key } of spelling.spellings) {
    assert.equal(canonical(text), uri, name);
    assert.equal(canonical(uri), uri, name);
    assert.equal(hex(itemKey(uri)), key, name);
  }
});

test("the characters of the format are known to our Unicode, newer ones are not to the format", () => {
  for (let code = 0; code < 0x110000; code++) {
    const character = String.fromCodePoint(code);
    if (areKnown(character)) assert.match(character, /^\p{Assigned}$/u, code.toString(16));
  }
  for (const newer of ["\ua7cb", "\u{1fae8}", "\u0378", "\ufffe", "\ud800"]) assert.ok(!areKnown(newer));
});

test("a gossip message, and what is none", () => {
  const bytes = raw("010200036162630001" + "7a");
  assert.equal(hex(message([Buffer.from("abc"), Buffer.from("z")])), hex(bytes));
  assert.deepEqual(envelopes(bytes).map(String), ["abc", "z"]);
  for (let at = 0; at < bytes.length; at++) assert.equal(envelopes(bytes.subarray(0, at)), null);
  for (const none of ["", "00", "0100", "0200036162630001" + "7a", hex(bytes) + "00", "01010000"]) {
    assert.equal(envelopes(raw(none)), null);
  }
});
