"""What lives in a phone beside the lifecycle: a store with one lock, a slow app, a service."""

from pathlib import Path

from mobile.platform_.fake import FakePlatform
from mobile.preferences import load
from mobile.service import budget
from mobile.service.budget import ServiceParams
from mobile.service.turns import Round, Sight, Turn, turn

PARAMS = ServiceParams(most=180, claim=30, round=60, interval=120)


class Store:
    """A store with one lock, and what was committed to it."""

    def __init__(self) -> None:
        self.holder = ""
        self.acts = 0

    def open(self, who: str) -> bool:
        if self.holder not in ("", who):
            return False
        self.holder = who
        return True

    def free(self, who: str) -> None:
        if self.holder == who:
            self.holder = ""


class App:
    """The bridge, as the lifecycle sees it: it may be slow, and it may be killed."""

    def __init__(self, store: Store) -> None:
        self.store = store
        self.queued = 0
        """Acts asked for and not committed yet"""
        self.commits, self.closes = True, True
        """Whether it is done in time when asked to"""
        self.why_not, self.wants = "not asked yet", True
        self.letting_go = False
        self.bytes, self.rounds = 0, 0
        self.go_on()

    def go_on(self) -> None:
        """What its own threads do whenever they can."""
        if self.letting_go:
            self.store.free("app")
            self.letting_go, self.wants = False, False
        elif self.wants:
            self.store.open("app")

    @property
    def on(self) -> bool:
        return self.store.holder == "app" and not self.why_not and not self.letting_go

    def act(self) -> None:
        self.queued += 1

    def commit(self) -> None:
        if self.store.holder == "app":
            self.store.acts, self.queued = self.store.acts + self.queued, 0

    def allow_network(self, why_not: str) -> None:
        self.why_not = why_not

    def catch_up(self) -> None:
        self.rounds += 1

    def flush(self, seconds: float) -> bool:
        assert seconds <= 0.5
        assert self.why_not, "the network is paused before the flush"
        if self.commits:
            self.commit()
        return not self.queued

    def let_go(self, seconds: float) -> bool:
        assert seconds <= 1.0
        self.letting_go = True
        if self.closes:
            self.commit()
            self.go_on()
        return self.closes

    def take_back(self) -> None:
        self.wants, self.letting_go = True, False
        self.go_on()

    def drop_caches(self) -> None:
        return

    def traffic(self) -> int:
        return self.bytes


class Service:
    """The service's decisions around the same store; the door is a flag."""

    def __init__(self, phone: FakePlatform, folder: Path, store: Store) -> None:
        self.phone, self.folder, self.store = phone, folder, store
        self.alive, self.in_front = False, False
        self.last: Round | None = None
        self.budget = budget.load(folder, phone.now())
        self.ran = 0.0
        """Seconds since the app was in front"""

    def attend(self) -> None:
        self.in_front = self.alive

    def take(self) -> None:
        self.in_front = False

    def stop(self) -> None:
        self.die()

    def die(self) -> None:
        """Ended or killed: the system frees its lock."""
        self.alive = self.phone.serving = False
        self.store.free("service")

    def look(self, why_not: str) -> None:
        """As `Service.look` does."""
        if self.phone.serving and not self.alive:
            self.alive, self.last = True, None
            self.budget = budget.load(self.folder, self.phone.now())
            self.in_front = False
        if not self.alive:
            return
        now, before = self.phone.now(), self.budget
        if self.in_front:
            self.budget = self.budget.returned(now, PARAMS)
            left: bool = True
        elif not self.budget.covers(now, PARAMS):
            more = self.budget.more(now, PARAMS)
            left, self.budget = more is not None, more or self.budget
        else:
            left = True
        if self.budget != before and (self.budget.claimed or before.claimed):
            budget.save(self.folder, self.budget)
        chosen = load(self.folder)
        sight = Sight(
            now, self.in_front, switched_on=chosen.background and chosen.network_on,
            budget_left=left, why_not=why_not,
        )  # fmt: skip
        what, self.last = turn(sight, self.last, PARAMS)
        if what is Turn.END:
            self.die()
        elif what is Turn.WORK:
            self.store.open("service")
        else:
            self.store.free("service")
