"""The background service: a process of its own that syncs while the app is not in front.

    app ── knock ──► door ──► main ──► turns (pure), budget (pure)
                                 └──► holding ──► the store, the node

One process holds the store at a time. While the app is in front it keeps a connection to the
service's door open, and the service stands by, with neither NumPy nor libp2p loaded. When the app
says "take", or its connection ends because it was killed, the service opens the store, syncs in
short rounds within its budget, and ends itself when that is used up. It may be killed at any
time: it writes through SQLite only.
"""
