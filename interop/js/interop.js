// A play with a running node of another language: `node interop.js /ip4/…/tcp/…/p2p/…`
//
// Prints a JSON line after each step and exits with 0 when all could be played. Two steps need the
// node's owner: something shared while we listen ("listening"), a sync asked for ("serving").

import { randomBytes } from "node:crypto";

import { Author, holding } from "./acts.js";
import { message } from "./gossip.js";
import { misbehaved } from "./mischief.js";
import { Peer, until } from "./peer.js";
import { judged } from "./record.js";
import { Session } from "./sync.js";

const SECONDS = 60;
const within = () => AbortSignal.timeout(SECONDS * 1000);
const hex = (bytes) => bytes.toString("hex");
const say = (step, rest = {}) => console.log(JSON.stringify({ step, ...rest }));

function session(records, opener) {
  return new Session({ held: holding(...records), salt: randomBytes(16), opener });
}

/** One whole session; who is turned away, as a busy node does, tries again. */
async function sessionWith(peer, other, own) {
  for (let attempt = 0; attempt < 20; attempt += 1) {
    const one = session(own, true);
    const cost = await peer.visit(other, one, within());
    if (one.over) return [one, cost];
    if (cost.bytesIn > 0) break;
    await new Promise((resolve) => setTimeout(resolve, 500));
  }
  throw new Error("no session came to its end");
}

/** Pull until nothing is left out; says what came and what it cost. */
async function pull(peer, other, own) {
  const began = performance.now();
  const [ids, total] = [[], { refused: 0, sessions: 0, bytesIn: 0, bytesOut: 0, turns: 0 }];
  for (let more = true; more && total.sessions < 8; total.sessions += 1) {
    const [one, cost] = await sessionWith(peer, other, own);
    for (const what of ["bytesIn", "bytesOut", "turns"]) total[what] += cost[what];
    const verdicts = one.got.map((envelope) => judged(envelope, Date.now() / 1000));
    const kept = verdicts.filter(({ verdict }) => verdict === "accept");
    ids.push(...kept.map(({ id }) => hex(id)));
    total.refused += verdicts.length - kept.length;
    more = one.more;
    own = [...own, ...kept.map(({ id, record }, at) => ({ id, x: record.x, envelope: one.got[at] }))];
  }
  return { ids, own, ...total, ms: Math.round(performance.now() - began) };
}

async function play(address) {
  const [peer, author] = [await Peer.started(), new Author()];
  const other = await peer.meet(address, within());
  say("met", { peer: other.toString(), me: peer.node.peerId.toString() });

  const gossiped = author.like("trk:gossiped by js");
  await peer.publish(message([gossiped.envelope]));
  say("published", { author: author.key, id: hex(gossiped.id) });

  say("listening");
  await until(() => peer.heard.length > 0, within());
  say("heard", { ids: peer.heard.map(({ id }) => hex(id)), authors: peer.heard.map(({ record }) => hex(record.a)) });

  const pushed = author.like("trk:pushed in a sync by js");
  const { own, ...first } = await pull(peer, other, [gossiped, pushed]);
  say("pulled", { pushed: hex(pushed.id), ...first });
  const { own: _, ...second } = await pull(peer, other, own);
  say("pulled again", second);

  say("misbehaved", { faults: await misbehaved(address, author) });

  const later = author.like("trk:gossiped by js later");
  await peer.publish(message([later.envelope]));
  say("still there", { id: hex(later.id), ms: await peer.node.services.ping.ping(other, { signal: within() }) });

  const offered = author.like("trk:pulled from js");
  const sessions = [];
  const told = (one, cost) => sessions.push({ over: one.over, more: one.more, ...cost });
  await peer.serve(() => session([...own, offered], false), told);
  say("serving", { id: hex(offered.id) });
  await until(() => sessions.some(({ over }) => over), within());
  say("served", { sessions });
  await peer.stop();
}

try {
  const [address] = process.argv.slice(2);
  if (!address) throw new Error("usage: node interop.js <multiaddress that ends in /p2p/…>");
  await play(address);
  process.exit(0);
} catch (error) {
  say("failed", { error: String(error?.stack ?? error) });
  process.exit(1);
}
