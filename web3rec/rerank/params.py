"""How a device orders its lists by a model: which may be used, how long it may take, when to learn.

What is learnt is learnt on this device from what it holds, and used only behind a gate; a bundle
that came from elsewhere goes through the same gate.
"""

from collections.abc import Callable
from dataclasses import dataclass, field

from web3rec.clock import at_work
from web3rec.errors import ParamError
from web3rec.rerank.gate import GateParams
from web3rec.rerank.history import ReplayParams
from web3rec.rerank.linear import LinearParams


@dataclass(frozen=True, slots=True, kw_only=True)
class RerankParams:
    """Models that order what the graph proposes; sponsor budgets come after them."""

    on: bool = True
    """False: the graph's order, whatever is installed."""
    own: bool = True
    """Whether `learn` also learns a linear head, for where no bundle is used."""
    candidates: int = 200
    """How many of the graph's best a model orders; 1 to 1,000."""
    seconds: float = 0.05
    """Most that a model may take for one list, by `stopwatch`; > 0."""
    stopwatch: Callable[[], float] = at_work
    """Seconds that only rise. By default those that the calling thread worked: that others use the
    machine as well is not the model's fault."""
    replays: ReplayParams = field(default_factory=ReplayParams)
    """What is learnt from, and what a bundle is judged on."""
    linear: LinearParams = field(default_factory=LinearParams)
    gate: GateParams = field(default_factory=GateParams)
    """How much evidence a model needs to be used."""
    least_hours: float = 1.0
    """Between two times of learning, however much changed; >= 0. Learning takes about a second."""
    most_hours: float = 24.0
    """After which it is learnt anew whatever changed; >= least_hours. What others took back is
    gone from what was learnt by then."""
    changed: float = 0.1
    """Part of what people hold that is of people who said something new, from which it is learnt
    anew sooner; in (0, 1]. Guess, to be measured."""

    def __post_init__(self) -> None:
        if not 1 <= self.candidates <= 1000:
            raise ParamError("candidates", self.candidates, "1 to 1,000")
        if not 0 < self.seconds < float("inf"):
            raise ParamError("seconds", self.seconds, "> 0")
        if not callable(self.stopwatch):
            raise ParamError("stopwatch", self.stopwatch, "what gives seconds")
        if not 0 <= self.least_hours < float("inf"):
            raise ParamError("least_hours", self.least_hours, ">= 0 hours")
        if not self.least_hours <= self.most_hours:
            raise ParamError("most_hours", self.most_hours, f">= {self.least_hours} hours")
        if not 0 < self.changed <= 1:
            raise ParamError("changed", self.changed, "in (0, 1]")
