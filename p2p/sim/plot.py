"""A run as a picture (extra [eval]: matplotlib): delivery over time, and what each victim got."""

from pathlib import Path

from p2p.errors import NodeError
from p2p.sim.report import BIN, Report
from p2p.sim.scenario import Scenario


def require() -> None:
    """Raises NodeError, saying what to install, if no picture can be drawn."""
    try:
        import matplotlib as _  # noqa: F401, PLC0415, ICN001
    except ImportError:
        raise NodeError("--plot needs matplotlib: pip install 'web3rec[eval]'") from None


def plot(report: Report, scenario: Scenario, path: Path) -> None:
    """Draw both panels to a PNG."""
    from matplotlib.figure import Figure  # noqa: PLC0415 - half a second, only here

    figure = Figure(figsize=(11, 4.2), layout="constrained")
    over_time, victims = figure.subplots(1, 2, width_ratios=(3, 2))
    at = [b.begin + BIN / 2 for b in report.over_time]
    over_time.plot(
        at, [100 * b.by_now for b in report.over_time], color="#8c8c8c", label="by the end"
    )
    over_time.plot(
        at, [100 * b.soon for b in report.over_time], color="#dd8452", label="within one heartbeat"
    )
    over_time.plot(
        at,
        [100 * b.in_time for b in report.over_time],
        color="#4c72b0",
        marker=".",
        label=f"within {scenario.goal.beats:g} heartbeats",
    )
    for label, begin, end, colour in _phases(scenario):
        over_time.axvspan(begin, min(end, report.seconds), color=colour, alpha=0.12, label=label)
    over_time.set_xlim(0, report.seconds)
    over_time.set_ylim(0, 102)
    over_time.set_xlabel("when a record was said (virtual seconds)")
    over_time.set_ylabel("% of honest devices that keep it")
    over_time.legend(loc="lower left", frameon=False)

    shown = report.victims or report.worst_off
    y = range(len(shown))
    victims.barh(y, [100 * r.by_now for r in shown], 0.7, color="#dddddd", label="by the end")
    victims.barh(y, [100 * r.in_time for r in shown], 0.7, color="#4c72b0", label="in time")
    for i, r in enumerate(shown):
        victims.text(2, i, f"{100 * r.in_time:.1f} %", va="center", color="white")
    victims.set_yticks(list(y), [r.device for r in shown])
    victims.set_xlim(0, 100)
    victims.set_xlabel(
        f"% received by each {'victim' if report.victims else 'of the worst-off five'}"
    )
    victims.legend(loc="lower center", bbox_to_anchor=(0.5, 1.0), ncols=2, frameon=False)
    figure.suptitle(
        f"{report.scenario}: {report.devices} devices, {report.sybils} Sybils, seed {report.seed}; "
        f"{100 * report.delivery:.2f} % in time"
    )
    figure.savefig(path, dpi=100)


def _phases(s: Scenario) -> list[tuple[str, float, float, str]]:
    phases = [("cut in two", p.begin, p.end, "#dd8452") for p in s.partitions[:1]]
    if s.sybils.count:
        begin = max(s.sybils.attack, s.sybils.join)
        phases.append((s.sybils.behaviour, begin, s.faults.stop, "#c44e52"))
    return phases
