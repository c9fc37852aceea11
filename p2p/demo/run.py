"""The demo from beginning to end."""

import tempfile
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from p2p.demo import show
from p2p.demo.assault import Assault, assaults, live_after
from p2p.demo.cast import Cast, DemoOptions, cast, key_of
from p2p.demo.measure import EgoReport, before, during
from p2p.demo.stage import Stage, Tally, perform, publish
from web3rec.clock import system_clock
from web3rec.types import Millis


@dataclass(frozen=True, slots=True)
class Outcome:
    """What the demo found."""

    cast: Cast
    egos: tuple[EgoReport, ...]
    calm: Tally
    stormy: Tally

    @property
    def passed(self) -> bool:
        """True if every node converged both times, and every ego, attacked, kept its bound."""
        held = all(report.compromised and report.bound_held for report in self.egos)
        return self.calm.agreed and self.stormy.agreed and held

    def as_dict(self) -> dict[str, Any]:
        return {
            "data": self.cast.source,
            "synthetic_trust": self.cast.synthetic_trust,
            "people": len(self.cast.people),
            "peers": len(self.cast.egos),
            "converged": self.calm.agreed and self.stormy.agreed,
            "bound_held": all(report.bound_held for report in self.egos),
            "network": {"before": _counts(self.calm), "attacked": _counts(self.stormy)},
            "egos": [report.as_dict() for report in self.egos],
        }


def run(options: DemoOptions, *, quiet: bool = False) -> Outcome:
    """Play it; prints news and progress to stderr, and, unless quiet, results to stdout.

    Raises DataError and NodeError for data and sizes it cannot play.
    """
    now = Millis(system_clock())
    with show.news.status(f"reading {options.data.name}"):
        company = cast(options, now, lambda _done, _total: None)
    _announce(company, options)
    with (
        tempfile.TemporaryDirectory(prefix="web3rec-demo-") as root,
        Stage(Path(root), now, options.bundle) as stage,
    ):
        calm = _gather(stage, company, options, now)
        reports = before(company, stage, options.listed)
        if not quiet:
            console = show.out()
            show.lists(console, reports, attacked=False)
            show.accuracy(console, reports)
            show.models(console, reports, options.bundle, attacked=False)
        attacks = assaults(company, options, now)
        stormy = _storm(stage, attacks, options, live_after(company, attacks, now))
        reports = during(company, stage, attacks, reports, options.listed)
        if not quiet:
            show.lists(console, reports, attacked=True)
            show.attack_table(console, reports)
            show.models(console, reports, options.bundle, attacked=True)
    outcome = Outcome(company, tuple(reports), calm, stormy)
    _verdict(outcome)
    return outcome


def _announce(company: Cast, options: DemoOptions) -> None:
    say = show.news.print
    say(
        f"{company.source}: {len(company.people)} people on {options.peers} nodes, "
        f"{company.records} records to be gossiped"
    )
    for note in company.notes:
        say(f"  {note}")
    if company.synthetic_trust:
        say("  this data set has no friend graph: the trust edges are SYNTHETIC, drawn from whose")
        say("  earlier ratings agree; with HetRec Last.fm (--data) they are real friendships")
    say("  privacy level 2 without delay, so that there is something to watch; a device's default")
    say("  is 0: nothing leaves it")


def _gather(stage: Stage, company: Cast, options: DemoOptions, now: Millis) -> Tally:
    with show.news.status("starting the nodes"):
        for ego, hosted in zip(company.egos, company.hosted, strict=True):
            actor = stage.enter(ego.key)
            perform(actor, ego, hosted, company, now)
    with show.progress("gossip") as report:
        return stage.watch(company.records, options.patience / 2, report)


def _storm(stage: Stage, attacks: Sequence[Assault], options: DemoOptions, wanted: int) -> Tally:
    sybils = sum(len(attack.sybils) for attack in attacks)
    show.news.print(
        f"\nan attacker joins: one friend of each ego is compromised, {sybils} Sybils "
        f"({options.sybils} for each ego) copy the egos' profiles and push spam"
    )
    attacker = stage.enter(key_of(options.seed, "attacker"))
    publish(attacker, [record for attack in attacks for record in attack.records])
    with show.progress("attack") as report:
        return stage.watch(wanted, options.patience, report)


def _verdict(outcome: Outcome) -> None:
    say = show.news.print
    if not outcome.calm.agreed or not outcome.stormy.agreed:
        when = "before the attack" if not outcome.calm.agreed else "during the attack"
        say(f"[red]not every node converged {when}[/red]: lists above are of what had arrived")
    for report in outcome.egos:
        if not report.compromised:
            say(
                f"[red]user {report.ego} was not attacked[/red]: no friend of its own to turn, all "
                "being egos or taken; use more people or fewer peers"
            )
        elif not report.bound_held:
            say(f"[red]the bound broke for user {report.ego}[/red]")
    if outcome.passed:
        say("every node converged, and no list held more spam than its bound allows")


def _counts(tally: Tally) -> dict[str, Any]:
    return {
        "records_sent": tally.sent,
        "records_received": tally.received,
        "records_verified": tally.verified,
        "records_held": list(tally.held),
        "seconds": round(tally.seconds, 2),
    }
