"""The command line `web3rec`: results to stdout, news and errors to stderr.

    group ─► session ─► opening ─► one file per kind of command
              config ─┘             output, arguments

`web3rec --help` loads click and nothing else of weight: a command's file, and with it NumPy and
SQLite, is loaded when the command is called. Docs: docs/cli.md.
"""

from web3rec.cli.group import main

__all__ = ["main"]
