"""`web3rec demo`: the main job on one machine, over the real network, with real data.

cast ─► stage (nodes on loopback) ─► measure ─► assault (over the same network) ─► measure
                                                                      show, plot ◄─┘
"""
