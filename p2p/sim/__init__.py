"""`web3rec sim`: many devices under one seeded clock, and what strangers do to them.

scenario (TOML) ─► world: devices running the real daemon ─► wires (delay, loss, cuts) ◄─ Sybils
                     │                                          │
                     └─► deliveries, invariants, trace ◄────────┘ ─► report ─► table, JSON, plot

The daemon, sync, admission and record rules are the ones devices run. Simulated are: the clock,
the wires, gossipsub's router (`router`), the disk (`ledger`), and the strangers (`sybil`).
"""
