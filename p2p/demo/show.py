"""The demo on a terminal: progress and news on stderr, results on stdout."""

import sys
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

from rich.console import Console
from rich.progress import BarColumn, Progress, TextColumn, TimeElapsedColumn
from rich.table import Table

from p2p.demo.measure import EgoReport, K, Line
from p2p.demo.stage import Tally

news = Console(stderr=True, highlight=False, soft_wrap=True)


@contextmanager
def progress(what: str) -> Iterator[Callable[[Tally], None]]:
    """A live line: how far the slowest log is, and what has passed between the nodes."""
    columns = (TextColumn("{task.description}"), BarColumn(24), TextColumn("{task.fields[text]}"))
    with Progress(*columns, TimeElapsedColumn(), console=news, disable=not news.is_terminal) as bar:
        task = bar.add_task(what, total=1, text="")
        last: list[Tally] = []

        def show(tally: Tally) -> None:
            last[:] = [tally]
            bar.update(
                task, total=tally.wanted, completed=min(tally.held, default=0), text=counted(tally)
            )

        yield show
    if last and not news.is_terminal:
        news.print(f"{what}: {counted(last[0])}, {last[0].seconds:.0f} s since the start")


def counted(tally: Tally) -> str:
    """What has passed between the nodes, in one line."""
    return (
        f"{min(tally.held, default=0)}-{max(tally.held, default=0)} of {tally.wanted} held · "
        f"{tally.sent} sent · {tally.received} received · {tally.verified} verified · "
        f"{tally.peers} links"
    )


def out() -> Console:
    """Results: as wide as the terminal, or 130 columns into a file."""
    console = Console(file=sys.stdout, highlight=False)
    return console if console.is_terminal else Console(file=sys.stdout, width=130, highlight=False)


def lists(console: Console, reports: Sequence[EgoReport], *, attacked: bool) -> None:
    """Every ego's list, a line each; scores as per cent of the highest in it."""
    for report in reports:
        if attacked and not report.compromised:
            continue
        title = f"user {report.ego} · node {report.node} · trusts {report.friends}"
        if attacked:
            title += f" · user {report.compromised} turned"
        console.print(_list(title, report.list_attacked if attacked else report.list))


def _list(title: str, lines: Sequence[Line]) -> Table:
    table = Table(title=title, title_justify="left", box=None, padding=(0, 1), expand=True)
    table.add_column("#", justify="right", no_wrap=True)
    table.add_column("title", ratio=2, no_wrap=True, overflow="ellipsis")
    table.add_column("score", justify="right", no_wrap=True)
    table.add_column("why", ratio=4, no_wrap=True, overflow="ellipsis")
    most = max((line.score for line in lines), default=1.0)
    for number, line in enumerate(lines, 1):
        name = f"[red]{line.title}[/red]" if line.spam else line.title
        table.add_row(str(number), name, f"{100 * line.score / most:.0f}", line.reason)
    return table


def accuracy(console: Console, reports: Sequence[EgoReport]) -> None:
    """Held-out items found, against popularity."""
    ours = sum(r.ndcg_ours for r in reports) / len(reports)
    plain = sum(r.ndcg_popular for r in reports) / len(reports)
    console.print(
        f"\nHeld-out items, NDCG@{K}, mean of {len(reports)} egos: "
        f"ours {ours:.3f}, popularity {plain:.3f}"
    )


def models(
    console: Console, reports: Sequence[EgoReport], bundle: Path | None, *, attacked: bool
) -> None:
    """What ordered the lists, if a bundle was given; why not the bundle, where that is so."""
    if bundle is None:
        return
    told = [r for r in reports if r.compromised or not attacked]
    held = sum(r.bound_held for r in told)
    by = Counter((r.model_attacked if attacked else r.model) or "the graph alone" for r in told)
    said = ", ".join(f"{name} on {count} nodes" for name, count in by.most_common())
    budgets = f"; the bound held on {held} of {len(told)}" if attacked else ""
    console.print(f"\nOrdered by: {said}{budgets}")
    for r in told:
        if r.model_note:
            console.print(f"  node {r.node}: {r.model_note}")


def attack_table(console: Console, reports: Sequence[EgoReport]) -> None:
    """Spam in the top 20 under three rules, with the bound."""
    table = Table(title=f"Spam slots among the first {K}", title_justify="left")
    for name in ("ego", "turned friend", "open graph", "friends only", "ours", "bound B1"):
        table.add_column(name, justify="right")
    table.add_column(f"NDCG@{K} open / friends / ours", justify="right")
    hit = [r for r in reports if r.compromised]
    for r in hit:
        table.add_row(
            f"user {r.ego}",
            f"user {r.compromised}",
            str(r.spam_slots_open),
            str(r.spam_slots_friends),
            str(r.spam_slots_ours),
            f"{r.bound:.1f}",
            f"{r.ndcg_open_attacked:.3f} / {r.ndcg_friends_attacked:.3f} / "
            f"{r.ndcg_ours_attacked:.3f}",
        )
    if hit:
        table.add_section()
        table.add_row(
            "mean",
            "",
            *(
                f"{sum(getattr(r, name) for r in hit) / len(hit):.1f}"
                for name in ("spam_slots_open", "spam_slots_friends", "spam_slots_ours", "bound")
            ),
            " / ".join(
                f"{sum(getattr(r, f'ndcg_{name}_attacked') for r in hit) / len(hit):.3f}"
                for name in ("open", "friends", "ours")
            ),
        )
    console.print(table)
