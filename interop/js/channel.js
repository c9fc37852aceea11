// Frames on one libp2p stream, and a whole session over them (docs/protocol.md, "Sync").

import { MAX_FRAME } from "./frames.js";
import { Offence } from "./sync.js";

export const PROTOCOL = "/web3rec/sync/1";
const CHUNK = 16_384;

/** The frames that come in on a stream, up to the one of no bytes or the end of the stream. */
export async function* received(stream) {
  let pending = Buffer.alloc(0);
  for await (const chunk of stream) {
    pending = Buffer.concat([pending, chunk.subarray()]);
    while (pending.length >= 4) {
      const length = pending.readUInt32BE();
      if (length === 0) return;
      if (length > MAX_FRAME) throw new Offence("a frame too long");
      if (pending.length < 4 + length) break;
      yield pending.subarray(4, 4 + length);
      pending = pending.subarray(4 + length);
    }
  }
}

/** Send bytes in small pieces, waiting where the stream is full. */
export async function sent(stream, bytes, signal) {
  for (let at = 0; at < bytes.length; at += CHUNK) {
    if (!stream.send(bytes.subarray(at, at + CHUNK))) await stream.onDrain({ signal });
  }
}

/** A frame with its length before it; no bytes at all say that this end has finished. */
export function framed(bytes) {
  const length = Buffer.alloc(4);
  length.writeUInt32BE(bytes.length);
  return Buffer.concat([length, bytes]);
}

/**
 * Hold a session until both ends have finished the stream; gives what it cost.
 *
 * Whether it came to its end says `session.over`. Who gets no frame at all was turned away.
 */
export async function held(session, stream, signal) {
  const cost = { bytesIn: 0, bytesOut: 0, turns: 0 };
  let finished = false;
  const finish = async () => {
    if (!finished) await sent(stream, framed(Buffer.alloc(0)), signal);
    finished = true;
  };
  const say = async (frames) => {
    if (frames.length === 0) return;
    const bytes = Buffer.concat(frames.map(framed));
    cost.bytesOut += bytes.length;
    cost.turns += 1;
    await sent(stream, bytes, signal);
  };
  try {
    if (session.opener) await say(session.hello());
    for await (const frame of received(stream)) {
      cost.bytesIn += 4 + frame.length;
      await say(session.hear(frame));
      if (session.over) await finish();
    }
    await finish();
    await stream.close({ signal });
  } catch (error) {
    stream.abort(error);
    if (cost.bytesIn > 0) throw error;
  }
  return cost;
}
