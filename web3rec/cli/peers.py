"""`peers`: whom the ego trusts, blocks and hears."""

from dataclasses import dataclass

import click

from web3rec.cli.opening import reading
from web3rec.cli.output import news, result, table
from web3rec.cli.session import Session
from web3rec.recommender import Recommender
from web3rec.records import did_key
from web3rec.records.model import MAX_WEIGHT
from web3rec.types import PeerId


@dataclass(frozen=True, slots=True)
class Acquaintance:
    """A peer as the ego sees it."""

    peer: PeerId
    name: str
    trust: float | None
    """In (0, 1]; None if the ego does not trust it itself"""
    reach: float
    """How much of the ego's trust arrives there, directly or through others; 0: not heard"""
    blocked: bool
    records: int
    """Of its author, in the log"""


@click.command()
@click.option(
    "-n",
    "--limit",
    type=click.IntRange(0),
    default=20,
    show_default=True,
    help="Of those you said nothing about, show at most so many, most reach first.",
)
@click.option("--json", "as_json", is_flag=True, help="Print JSON lines.")
@click.pass_obj
def peers(session: Session, limit: int, *, as_json: bool) -> None:
    """Show whom you trust, block and hear.

    First those you trust, block or gave a name, then others whose records are here. REACH is how
    much of your trust arrives at a peer, directly or through others. Works beside a running node.

    \b
    For instance:
      web3rec peers
      web3rec peers -n 100 --json
    """
    with reading(session) as rec:
        near, far = _split(acquaintances(rec))
    shown = [*near, *far[:limit]]
    if len(far) > limit:
        news(f"{len(far) - limit} more peers are known; -n {len(far)} shows all")
    if not shown:
        news("you know nobody yet: `web3rec trust` somebody, and let a node gossip")
    elif as_json:
        for one in shown:
            said = {"name": one.name, "trust": one.trust, "blocked": one.blocked}
            result({"peer": did_key(one.peer), "reach": one.reach, "records": one.records, **said})
    else:
        rows = [
            (
                one.name,
                "" if one.trust is None else f"{one.trust:g}",
                f"{one.reach:.3f}",
                "blocked" if one.blocked else "",
                str(one.records),
                did_key(one.peer),
            )
            for one in shown
        ]
        head = ("name", "trust", "reach", "", "records", "peer")
        table(head, rows, right=("trust", "reach", "records"))


def acquaintances(rec: Recommender) -> list[Acquaintance]:
    """Everyone the ego trusts, blocks, names or holds records of: trusted first, then by reach."""
    view, log = rec.view(), rec.log
    trusted: dict[PeerId, tuple[int, int]] = {}
    for author, n, peer, weight in log.endorsements():
        if author == rec.me:
            trusted[peer] = max(trusted.get(peer, (0, 0)), (n, weight))
    names, blocked, authors = log.names(), log.blocked(), log.authors()

    def reach(peer: PeerId) -> float:
        number = view.snapshot.users.number(peer)
        return 0.0 if number is None or peer in blocked else float(view.trust.tau[number])

    known = (set(trusted) | set(names) | blocked | set(authors)) - {rec.me}
    found = [
        Acquaintance(
            peer=peer,
            name=names.get(peer, ""),
            trust=trusted[peer][1] / MAX_WEIGHT if peer in trusted else None,
            reach=reach(peer),
            blocked=peer in blocked,
            records=authors.get(peer, 0),
        )
        for peer in known
    ]
    return sorted(found, key=lambda one: (-(one.trust or 0), -one.reach, -one.records, one.peer))


def _split(found: list[Acquaintance]) -> tuple[list[Acquaintance], list[Acquaintance]]:
    """Those the ego has said something about, and the others."""

    def is_near(one: Acquaintance) -> bool:
        return one.trust is not None or one.blocked or bool(one.name)

    return [one for one in found if is_near(one)], [one for one in found if not is_near(one)]
