// A few malformed things, one of each, by a peer of its own: what a node has to survive.

import { randomBytes } from "node:crypto";

import { falseHolding, forged } from "./acts.js";
import { framed, held, sent } from "./channel.js";
import { bytesOf } from "./frames.js";
import { message } from "./gossip.js";
import { Peer } from "./peer.js";
import { Session } from "./sync.js";

const hello = bytesOf({ type: "hello", serves: true, take: 5_000, salt: Buffer.alloc(16) });
const RAW = {
  "no frame": framed(Buffer.from([1, 0])),
  "a frame longer than any": Buffer.from("7fffffff00", "hex"),
  "a second hello": Buffer.concat([framed(hello), framed(hello)]),
  "a want of what was not listed": Buffer.concat([framed(hello), framed(bytesOf({ type: "want", hashes: [7n] }))]),
  "half a frame": framed(hello).subarray(0, 9),
};

/** Plays all of them; gives what came of each: `{peer, outcome}`, "done" or why it was not let. */
export async function misbehaved(address, author) {
  const outcomes = {};
  const attempt = async (what, act) => {
    const signal = AbortSignal.timeout(10_000);
    const peer = await Peer.started(); // a new name each time: a banned one could not try the next
    try {
      const other = await peer.meet(address, signal);
      await act(peer, other, signal);
      outcomes[what] = { peer: peer.node.peerId.toString(), outcome: "done" };
    } catch (error) {
      outcomes[what] = { peer: peer.node.peerId.toString(), outcome: `${error.name}: ${error.message}` };
    } finally {
      await peer.stop();
    }
  };
  await attempt("no message", (peer) => peer.publish(Buffer.from("hello")));
  await attempt("a forged record", (peer) => peer.publish(message([forged(author.like("trk:forged"))])));
  for (const [what, bytes] of Object.entries(RAW)) {
    await attempt(what, async (peer, other, signal) => {
      const stream = await peer.open(other, signal);
      await sent(stream, bytes, signal);
      await stream.close({ signal }); // of our writing end; what the node makes of it is awaited
      for await (const _ of stream) signal.throwIfAborted();
    });
  }
  await attempt("a forged record in a sync", async (peer, other, signal) => {
    const session = new Session({
      held: falseHolding(forged(author.like("trk:forged too"))),
      salt: randomBytes(16),
      opener: true,
    });
    await held(session, await peer.open(other, signal), signal);
  });
  return outcomes;
}
