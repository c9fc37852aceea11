"""A teacher that is asked over HTTP: anything that speaks OpenAI's `chat/completions`.

    mode = probed(line, model)                    what it can do, asked once
    teacher = Endpoint(line, model, mode, cache)
    teacher.estimate(questions).cost(prices)      before anything is paid for
    teacher.prepare(questions, told)              many at once; stop it and start it again
    labels(replace(teacher, asks=False), questions)

Lists longer than 20 are cut into groups, three times anew (`web3rec.distill.shuffling`), and a
candidate's score is the mean of what its groups said. Each request is one row of the cache, kept
when its answer is understood: whatever goes wrong costs the rows that are not there yet.
"""

from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures import FIRST_COMPLETED, Future, ThreadPoolExecutor, wait
from dataclasses import dataclass, field
from typing import Final

import numpy as np

from web3rec.distill.answers import values
from web3rec.distill.asking import EndpointError, Line, Refused
from web3rec.distill.cache import Cache
from web3rec.distill.costs import Estimate, estimate, guessed_tokens
from web3rec.distill.labels import Prepared, Told, untold
from web3rec.distill.prompts import LETTERS, Mode, Prompt, prompt
from web3rec.distill.shuffling import averaged, shuffled
from web3rec.distill.teacher import Described, Question
from web3rec.errors import ParamError
from web3rec.types import Indices, ItemId, Weights

_NOT_OURS: Final = frozenset({401, 402, 403})
"""Refusals that are about who asks, not about what is asked."""


@dataclass(frozen=True, slots=True, kw_only=True)
class EndpointParams:
    """How an endpoint is asked."""

    shuffles: int = 3
    """Orders in which a list is shown and averaged; 1 to 20. A model prefers some letters."""
    group: int = len(LETTERS)
    """Candidates in one request at most; 4 to 20."""
    history: int = 20
    """Items of the history that are shown, the last ones; 1 to 200."""
    at_once: int = 4
    """Requests under way at most; 1 to 64."""
    give_up: int = 3
    """Requests in a row that find no answer before the rest is left for later; >= 1."""
    seed: int = 0
    """Of the shuffles; >= 0."""

    def __post_init__(self) -> None:
        for name, least, most in (
            ("shuffles", 1, 20),
            ("group", 4, len(LETTERS)),
            ("history", 1, 200),
            ("at_once", 1, 64),
            ("give_up", 1, 1_000_000),
            ("seed", 0, 1 << 62),
        ):
            value = getattr(self, name)
            if type(value) is not int or not least <= value <= most:
                raise ParamError(name, value, f"a whole number from {least} to {most}")


@dataclass(frozen=True)
class Endpoint:
    """The teacher; see above."""

    line: Line
    model: str
    """The endpoint's name for it; judgements of two models of one name are taken for one's"""
    mode: Mode
    cache: Cache
    params: EndpointParams = field(default_factory=EndpointParams)
    asks: bool = True
    """False: only what is in the cache is said"""

    @property
    def id(self) -> str:
        numbers = self.params
        return (
            f"{self._row}:{self.mode}:{numbers.shuffles}x{numbers.group}"
            f":last{numbers.history}:seed{numbers.seed}"
        )

    @property
    def _row(self) -> str:
        """Under which name requests are kept: what else matters is in the prompt."""
        return f"endpoint:{self.model}"

    def score(self, question: Question) -> Weights:
        """See `Teacher.score`; nan for what was answered with nonsense.

        Raises:
            EndpointError: no answer; what was answered before is kept.
        """
        size, heard = len(question.candidates), list[tuple[Weights, Indices]]()
        for asked, which in self._prompts(question):
            said = self.cache.get(self._row, asked.digest, asked.size)
            if said is None and self.asks:
                said = self._asked(asked, question.history.person)
            if said is not None:
                heard.append((said, which))
        if size == 1 and self.mode is not Mode.YES_NO:
            return np.zeros(1)  # a list of one needs no order
        return averaged(size, heard)

    def estimate(
        self, questions: Iterable[Question], tokens: Callable[[str], int] = guessed_tokens
    ) -> Estimate:
        """What asking for the rest would take. Cost: one look into the cache for each request."""
        missing, cached = self._missing(questions)
        return estimate((asked for asked, _ in missing), cached, tokens)

    def prepare(self, questions: Iterable[Question], told: Told = untold) -> Prepared:
        """Ask for whatever is not in the cache, several requests at once.

        Stops early, without raising, when `give_up` requests in a row find no answer: call it
        again when the endpoint is back. `told` is told (done, all) of the missing ones.

        Raises:
            CorruptStore: the cache is damaged.
        """
        missing, cached = self._missing(questions)
        waiting = iter(missing)
        answered = nonsense = failed = row = 0
        reason = None
        pool = ThreadPoolExecutor(self.params.at_once, thread_name_prefix="endpoint")
        under_way: set[Future[Weights | None]] = set()
        try:
            while True:
                while len(under_way) < self.params.at_once and row < self.params.give_up:
                    if (following := next(waiting, None)) is None:
                        break
                    under_way.add(pool.submit(self._asked, *following))
                if not under_way:
                    break
                done, under_way = wait(under_way, return_when=FIRST_COMPLETED)
                for each in done:
                    try:
                        understood = each.result() is not None
                    except EndpointError as error:
                        failed, row, reason = failed + 1, row + 1, str(error)
                    else:
                        row = 0
                        answered, nonsense = answered + understood, nonsense + (not understood)
                    told(answered + nonsense + failed, len(missing))
        finally:
            pool.shutdown(cancel_futures=True)
        left = len(missing) - answered - nonsense - failed
        return Prepared(cached, answered, nonsense, failed, left, reason)

    def _asked(self, asked: Prompt, person: str) -> Weights | None:
        said = values(asked, self.line.asked(asked.wire, asked.digest[0] / 255))
        if said is not None:
            self.cache.put(self._row, asked.digest, person, said)
        return said

    def _missing(self, questions: Iterable[Question]) -> tuple[list[tuple[Prompt, str]], int]:
        missing: dict[bytes, tuple[Prompt, str]] = {}
        cached = 0
        for question in questions:
            for asked, _ in self._prompts(question):
                if asked.digest in missing:
                    continue
                if self.cache.get(self._row, asked.digest, asked.size) is None:
                    missing[asked.digest] = (asked, question.history.person)
                else:
                    cached += 1
        return list(missing.values()), cached

    def _prompts(self, question: Question) -> Iterator[tuple[Prompt, Indices]]:
        """Each request, and which candidates it is about, in its order."""
        liked = question.history.items[-self.params.history :]
        for which in self._groups(question):
            about = [question.candidates[n] for n in which.tolist()]
            yield prompt(self.mode, self.model, liked, about), which

    def _groups(self, question: Question) -> Iterator[Indices]:
        if self.mode is Mode.YES_NO:
            yield from np.arange(len(question.candidates), dtype=np.int32).reshape(-1, 1)
            return
        numbers = self.params
        for groups in shuffled(
            question, shuffles=numbers.shuffles, group=numbers.group, seed=numbers.seed
        ):
            yield from groups


def probed(line: Line, model: str) -> Mode:
    """The best mode that the endpoint can do, by asking it one small question in each.

    Raises:
        Refused: it does not want us at all.
        Unreachable: it does not answer.
        EndpointError: it answers in none of them.
    """
    liked, offered = _PROBE[:2], _PROBE[2:]
    for mode in Mode:
        asked = prompt(mode, model, liked, offered[:1] if mode is Mode.YES_NO else offered)
        try:
            if values(asked, line.asked(asked.wire)) is not None:
                return mode
        except Refused as refusal:
            if refusal.status in _NOT_OURS:
                raise
    raise EndpointError(
        "the endpoint reports no probabilities of tokens and writes no JSON under a schema: "
        "try another model or server"
    )


_PROBE: Final[Sequence[Described]] = [
    Described(ItemId(title), title)
    for title in ("Apples", "Pears", "Plums", "Gravel", "Cement", "Quinces")
]
