// A libp2p node that speaks what docs/protocol.md asks for: TCP, Noise, Yamux, gossipsub 1.1.

import "./polyfill.js";

import { gossipsub, TopicValidatorResult } from "@libp2p/gossipsub";
import { identify } from "@libp2p/identify";
import { noise } from "@libp2p/noise";
import { ping } from "@libp2p/ping";
import { tcp } from "@libp2p/tcp";
import { yamux } from "@libp2p/yamux";
import { multiaddr } from "@multiformats/multiaddr";
import { createLibp2p } from "libp2p";

import { held, PROTOCOL } from "./channel.js";
import { envelopes } from "./gossip.js";
import { judged } from "./record.js";

export const TOPIC = "web3rec/1";

const seconds = () => Date.now() / 1000;

export class Peer {
  heard = []; // {verdict, flaw, id, record} of each envelope that came by gossip
  #known = new Set();

  /** A peer with a transport key of its own, listening on loopback. */
  static async started() {
    const peer = new Peer();
    peer.node = await createLibp2p({
      addresses: { listen: ["/ip4/127.0.0.1/tcp/0"] },
      transports: [tcp()],
      connectionEncrypters: [noise()],
      streamMuxers: [yamux()],
      services: {
        identify: identify(),
        ping: ping(),
        gossip: gossipsub({ protocols: ["/meshsub/1.1.0"], allowedTopics: [TOPIC], emitSelf: false }),
      },
    });
    peer.gossip.topicValidators.set(TOPIC, (_from, message) => peer.#verdict(message.data));
    peer.gossip.subscribe(TOPIC);
    return peer;
  }

  get gossip() {
    return this.node.services.gossip;
  }

  /** A message as a whole, by the verdicts on its records. */
  #verdict(data) {
    const found = envelopes(data);
    const known = (id) => this.#known.has(id.toString("hex"));
    const verdicts = found?.map((one) => judged(one, seconds(), known)) ?? [{ verdict: "reject" }];
    if (verdicts.some(({ verdict }) => verdict === "reject")) return TopicValidatorResult.Reject;
    const fresh = verdicts.filter(({ verdict }) => verdict === "accept");
    fresh.forEach(({ id }) => this.#known.add(id.toString("hex")));
    this.heard.push(...fresh);
    const passes = fresh.length > 0 && verdicts.every((one) => one.flaw === null || one.flaw === "known");
    return passes ? TopicValidatorResult.Accept : TopicValidatorResult.Ignore;
  }

  /** Connect, and wait until the other end has taken us into its mesh or we it into ours. */
  async meet(address, signal) {
    const connection = await this.node.dial(multiaddr(address), { signal });
    const other = connection.remotePeer;
    const meshed = () => this.gossip.getMeshPeers(TOPIC).includes(other.toString());
    await until(meshed, signal);
    return other;
  }

  publish(data) {
    return this.gossip.publish(TOPIC, data);
  }

  /** Open a session with a connected peer and hold it; gives what it cost. */
  async visit(other, session, signal) {
    return held(session, await this.open(other, signal), signal);
  }

  open(other, signal) {
    return this.node.dialProtocol(other, PROTOCOL, { signal });
  }

  /** Answer sessions from now on; `made()` gives a new one, `told(session, cost)` how it went. */
  async serve(made, told) {
    await this.node.handle(PROTOCOL, async (stream) => {
      const session = made();
      try {
        told(session, await held(session, stream, AbortSignal.timeout(30_000)));
      } catch (error) {
        told(session, { error: error.message });
      }
    });
  }

  stop() {
    return this.node.stop();
  }
}

/** Look every 20 ms until it is so; throws when the signal aborts. */
export async function until(condition, signal) {
  while (!condition()) {
    signal.throwIfAborted();
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
}
