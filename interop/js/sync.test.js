// All of tests/vectors/sync.json, and sessions between two ends written here.

import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { test } from "node:test";

import { bytesOf, parsed } from "./frames.js";
import { boundBetween, element, END, Holdings, hashes, sessionKey } from "./holdings.js";
import { sha256 } from "./names.js";
import { judged } from "./record.js";
import { Offence, Session } from "./sync.js";

const vectors = JSON.parse(
  readFileSync(new URL("../../tests/vectors/sync.json", import.meta.url), "utf8"),
);
const hex = (bytes) => Buffer.from(bytes).toString("hex");
const raw = (text) => Buffer.from(text, "hex");

function numbered(number) {
  const u32 = Buffer.alloc(4);
  u32.writeUInt32BE(number);
  return element(BigInt(20_000 + (number % 7)) * 86_400n, sha256(u32));
}

/** The elements of a vector, which are listed or given as numbers from … to before …. */
function elementsOf({ elements = [], numbered: spans = [] }) {
  const count = ([first, last]) => Array.from({ length: last - first }, (_, i) => numbered(first + i));
  return [...elements, ...spans.flatMap(count)];
}

test("keys", () => {
  for (const { opener, server, key } of vectors.keys) {
    assert.equal(hex(sessionKey(raw(opener), raw(server))), key);
  }
});

test("hashes, fingerprints and bounds", () => {
  for (const { key, id, hash } of vectors.hashes) {
    assert.equal(hashes(raw(key), ["00004e20" + id])[0], BigInt("0x" + hash));
  }
  for (const vector of vectors.fingerprints) {
    const holdings = new Holdings(elementsOf(vector), raw(vector.key));
    const { held, total } = holdings.fingerprint("", END);
    assert.deepEqual([held, total], [vector.held, BigInt("0x" + vector.total)]);
  }
  for (const { below, above, bound } of vectors.bounds) assert.equal(boundBetween(below, above), bound);
});

/** A frame as the vectors spell it. */
function spelled(value) {
  const u64 = (number) => number.toString(16).padStart(16, "0");
  const plain = { ...value };
  if (value.salt) plain.salt = hex(value.salt);
  if (value.hashes) plain.hashes = value.hashes.map(u64);
  if (value.envelopes) plain.envelopes = value.envelopes.map(hex);
  if (value.upper === END) plain.upper = "end";
  if (value.total !== undefined) plain.total = u64(value.total);
  if (value.ranges) plain.ranges = value.ranges.map(spelled);
  return plain;
}

test("frames say what they say, and are spelled one way", () => {
  for (const { hex: digits, value } of vectors.frames) {
    assert.deepEqual(spelled(parsed(raw(digits))), value);
    assert.equal(hex(bytesOf(parsed(raw(digits)))), digits);
  }
  for (const { frames } of vectors.sessions) {
    for (const { hex: digits } of frames) assert.equal(hex(bytesOf(parsed(raw(digits)))), digits);
  }
});

test("what is no frame is none", () => {
  for (const { hex: digits, why } of vectors.refused) assert.equal(parsed(raw(digits)), null, why);
});

test("bent frames are frames of one spelling, or none, and none throws", () => {
  for (const { hex: digits } of vectors.frames) {
    for (let at = 0; at < digits.length / 2; at++) {
      for (let bit = 0; bit < 8; bit++) {
        const bent = raw(digits);
        bent[at] ^= 1 << bit;
        const value = parsed(bent);
        if (value) assert.equal(hex(bytesOf(value)), hex(bent));
      }
    }
  }
});

/** What an end of a session vector holds: signed records where there are some, else made-up ones. */
function held(end, { envelopes = [], now }) {
  const records = new Map();
  for (const envelope of envelopes.map(raw)) {
    const { id, record } = judged(envelope, now / 1000);
    records.set(element(record.x, id), { envelope, retraction: record.k === "retract" });
  }
  const madeUp = (one) => ({ envelope: raw(one), retraction: false });
  return new Map(elementsOf(end).map((one) => [one, records.get(one) ?? madeUp(one)]));
}

function sessionOf(vector, side, records = held(vector[side], vector)) {
  const { salt, take, serves, addresses } = vector[side];
  return new Session({ held: records, salt: raw(salt), opener: side === "opener", take, serves, addresses });
}

/** Carries frames to and fro until nobody says anything; gives all of them. */
function talk(opener, server) {
  const told = [];
  let [said, listener, next] = [opener.hello(), server, opener];
  while (said.length > 0) {
    told.push(...said);
    said = said.flatMap((frame) => listener.hear(frame));
    [listener, next] = [next, listener];
  }
  return told;
}

for (const vector of vectors.sessions) {
  test(`session between two ends of ours: ${vector.name}`, () => {
    const [opener, server] = [sessionOf(vector, "opener"), sessionOf(vector, "server")];
    talk(opener, server);
    assert.ok(opener.over && server.over);
    assert.deepEqual(opener.got.map(hex), vector.opener.gets);
    assert.deepEqual(server.got.map(hex), vector.server.gets);
    const heard = ({ serves, addresses }) => (serves ? addresses : []);
    assert.deepEqual(opener.heard, heard(vector.server));
    assert.deepEqual(server.heard, heard(vector.opener));
  });
}

/** Whether we and the vectors' writer must say the same: nobody holds more than is listed. */
const short = ({ opener, server }) => elementsOf(opener).length + elementsOf(server).length <= 64;

for (const vector of vectors.sessions.filter(short)) {
  for (const side of ["opener", "server"]) {
    test(`session with the other end from the vectors, as ${side}: ${vector.name}`, () => {
      const session = sessionOf(vector, side);
      for (const { from, hex: digits } of vector.frames) if (from !== side) session.hear(raw(digits));
      assert.ok(session.over);
      assert.deepEqual(session.got.map(hex), vector[side].gets);
    });
  }
}

/** Two ends that hold these numbers, as a vector would say it. */
function ends(openerHolds, serverHolds) {
  const end = (salt, spans) => ({ salt: salt.repeat(32), take: 5_000, serves: true, addresses: [], numbered: spans });
  return { opener: end("1", openerHolds), server: end("2", serverHolds) };
}

test("large sets with little in common, and an empty one: each gets what it lacks, once", () => {
  for (const [ours, theirs] of [
    [[[0, 2000]], [[1000, 3000]]],
    [[], [[0, 5000]]],
    [[[0, 5000]], []],
    [[[0, 4000]], [[0, 4000]]],
    [[], []],
  ]) {
    const vector = ends(ours, theirs);
    const [opener, server] = [sessionOf(vector, "opener"), sessionOf(vector, "server")];
    talk(opener, server);
    assert.ok(opener.over && server.over);
    const [has, holds] = [elementsOf(vector.opener), elementsOf(vector.server)];
    const missing = (from, own) => from.filter((one) => !own.includes(one)).sort();
    assert.deepEqual(opener.got.map(hex).sort(), missing(holds, has));
    assert.deepEqual(server.got.map(hex).sort(), missing(has, holds));
  }
});

test("who breaks a rule offends", () => {
  const fresh = () => {
    const opener = sessionOf(ends([[0, 3]], []), "opener");
    opener.hear(raw(vectors.frames[0].hex));
    return opener;
  };
  const offends = (...frames) => {
    const session = fresh();
    assert.throws(() => frames.forEach((frame) => session.hear(frame)), Offence);
  };
  const listing = { mode: "listing", upper: END, hashes: [] };
  offends(raw("00"));
  offends(bytesOf({ type: "over" }));
  offends(bytesOf({ type: "want", hashes: [7n] }));
  offends(raw(vectors.frames[0].hex));
  offends(bytesOf({ type: "ranges", ranges: [listing] }), bytesOf({ type: "done", more: false }));
  offends(bytesOf({ type: "ranges", ranges: [listing] }), bytesOf({ type: "ranges", ranges: [listing] }));
  offends(bytesOf({ type: "done", more: false }), bytesOf({ type: "done", more: false }), bytesOf({ type: "over" }));
});
