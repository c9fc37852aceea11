// The gossip message (docs/protocol.md, "Gossip message").

const VERSION = 1;
const MAX_ENVELOPES = 32;
const MAX_ENVELOPE = 640;
const MAX_MESSAGE = 8_192;

/** The bytes of a message of 1 to 32 envelopes. */
export function message(envelopes) {
  if (envelopes.length < 1 || envelopes.length > MAX_ENVELOPES) throw new RangeError("1 to 32 envelopes");
  const parts = [Buffer.from([VERSION, envelopes.length])];
  for (const envelope of envelopes) {
    const length = Buffer.alloc(2);
    length.writeUInt16BE(envelope.length);
    parts.push(length, envelope);
  }
  const bytes = Buffer.concat(parts);
  if (bytes.length > MAX_MESSAGE) throw new RangeError(`a message has at most ${MAX_MESSAGE} bytes`);
  return bytes;
}

/** The envelopes of a message, or null if the bytes are none. */
export function envelopes(bytes) {
  if (bytes.length > MAX_MESSAGE || bytes.length < 2 || bytes[0] !== VERSION) return null;
  const count = bytes[1];
  if (count < 1 || count > MAX_ENVELOPES) return null;
  const found = [];
  let at = 2;
  while (found.length < count) {
    if (at + 2 > bytes.length) return null;
    const length = (bytes[at] << 8) | bytes[at + 1];
    at += 2;
    if (length < 1 || length > MAX_ENVELOPE || at + length > bytes.length) return null;
    found.push(bytes.subarray(at, at + length));
    at += length;
  }
  return at === bytes.length ? found : null;
}
