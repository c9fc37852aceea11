"""The commands `web3rec node` and `web3rec demo`; joined to the command line by entry points.

    group ─► running     run: the node itself
             settings    config, init-config
             asking      status, peers, dial, … : a running node, through its control socket
    playing              the demo
    remote, checks       what `web3rec record` and `web3rec doctor` ask of a running node

Loads click and nothing of weight: `web3rec --help` imports this package.
"""

from p2p.cli.group import node
from p2p.cli.playing import demo

__all__ = ["demo", "node"]
