"""A teacher that is a language model on this machine, by path: nothing is downloaded or sent.

    teacher = LocalModel.opened(path, cache)
    teacher.estimate(questions)                   tokens to be read, before anything is
    teacher.prepare(questions, told)              stop it and start it again
    labels(teacher, questions)

It is asked what an endpoint is asked (`web3rec.distill.prompts`): up to 20 lettered candidates,
and the probabilities of the letters at the last place, which is one token for a whole list. All
letters are read, not only those among the likeliest 20. Answers are read by the same arithmetic
(`web3rec.distill.answers`), lists are cut by the same shuffles, and each answer is a row of the
cache. A prompt beyond the bound loses the oldest of the history until it fits.

Answers are computed in batches. What a batch is hangs on the list alone, so it does not matter to a
bit where a run was stopped; another `batch` rounds otherwise (some 1e-6) and is another row.
"""

import inspect
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final, Self

import numpy as np

from web3rec.distill.answers import LEAST, bare, letters
from web3rec.distill.cache import Cache
from web3rec.distill.costs import Estimate
from web3rec.distill.labels import Prepared, Told, untold
from web3rec.distill.pretrained import ModelFolderError, Pretrained, causal
from web3rec.distill.prompts import LETTERS, Mode, Prompt, prompt
from web3rec.distill.shuffling import averaged, shuffled
from web3rec.distill.teacher import Question
from web3rec.errors import ParamError
from web3rec.types import Indices, Weights

Tokens = list[int]


@dataclass(frozen=True, slots=True, kw_only=True)
class LocalParams:
    """How a local model is asked."""

    shuffles: int = 3
    """Orders in which a list is shown and averaged; 1 to 20."""
    group: int = len(LETTERS)
    """Candidates in one prompt at most; 4 to 20."""
    history: int = 20
    """Items of the history that are shown, the last ones; 1 to 200."""
    longest: int = 2_048
    """Tokens of a prompt at most; 64 to 32,768, and never more than the model can read."""
    batch: int = 4
    """Prompts that are read at once; 1 to 64. Memory grows with it."""
    seed: int = 0
    """Of the shuffles; >= 0."""

    def __post_init__(self) -> None:
        for name, least, most in (
            ("shuffles", 1, 20),
            ("group", 4, len(LETTERS)),
            ("history", 1, 200),
            ("longest", 64, 32_768),
            ("batch", 1, 64),
            ("seed", 0, 1 << 62),
        ):
            value = getattr(self, name)
            if type(value) is not int or not least <= value <= most:
                raise ParamError(name, value, f"a whole number from {least} to {most}")


@dataclass(frozen=True, slots=True)
class _Asked:
    """A prompt as the model reads it."""

    prompt: Prompt
    which: Indices
    """Its candidates' numbers, in its order"""
    tokens: Tokens | None
    """None: too long, whatever is left out of the history"""


@dataclass(frozen=True, slots=True)
class _Left:
    """What is not in the cache. Numbers only: the prompts of 2,000 lists take gigabytes."""

    batches: dict[int, set[int]]
    """Number of a question -> numbers of its batches that have to be read"""
    prompts: int
    """In those"""
    tokens: int
    """In those"""
    cached: int
    """Prompts of the others"""
    endless: int
    """The same, but too long"""


@dataclass(frozen=True)
class LocalModel:
    """The teacher; see above."""

    name: str
    """Of its folder, for people; answers are kept under its fingerprint, wherever it lies"""
    cache: Cache
    params: LocalParams
    pretrained: Pretrained = field(repr=False)
    letters: dict[str, Tokens] = field(repr=False)
    """Letter -> tokens that say it, such as those with and without a blank"""

    @classmethod
    def opened(
        cls, path: Path, cache: Cache, params: LocalParams | None = None, *, threads: int = 1
    ) -> Self:
        """Open a folder that `save_pretrained` wrote.

        Args:
            path: with config.json, a tokenizer and *.safetensors.
            cache: keeps the answers.
            params: see there.
            threads: of torch, for the whole process; 1 makes answers the same every time.

        Raises:
            ModelFolderError: there is no model in it that we open, or its vocabulary has no tokens
                for letters.
            DataError: the extra `distill` is not installed.
        """
        pretrained = causal(path, threads)
        said: dict[str, Tokens] = {letter: [] for letter in LETTERS}
        for token, number in sorted(pretrained.tokenizer.get_vocab().items(), key=lambda t: t[1]):
            if bare(token) in said:
                said[bare(token)].append(number)
        if missing := [letter for letter, tokens in said.items() if not tokens]:
            raise ModelFolderError(
                f"{path} has no token for {', '.join(missing)}: it cannot answer with one letter"
            )
        return cls(path.name, cache, params or LocalParams(), pretrained, said)

    @property
    def id(self) -> str:
        numbers = self.params
        return (
            f"local:{self.name}:{self.pretrained.fingerprint}:batch{numbers.batch}"
            f":{numbers.shuffles}x{numbers.group}:last{numbers.history}"
            f":tokens{self._longest}:seed{numbers.seed}"
        )

    @property
    def _row(self) -> str:
        """Under which name answers are kept: what else matters is in the prompt."""
        return f"local:{self.pretrained.fingerprint}:batch{self.params.batch}"

    @property
    def _longest(self) -> int:
        return min(self.params.longest, self.pretrained.longest)

    def score(self, question: Question) -> Weights:
        """See `Teacher.score`; nan where the prompt cannot be made short enough.

        Cost: one reading of some 500 to 1,500 tokens for each 20 candidates and shuffle, unless it
        is in the cache.
        """
        size = len(question.candidates)
        if size == 1:
            return np.zeros(1)  # a list of one needs no order
        heard = []
        for together in self._batches(question):
            for asked, said in zip(together, self._answers(question, together), strict=True):
                if said is not None:
                    heard.append((said, asked.which))
        return averaged(size, heard)

    def estimate(self, questions: Iterable[Question]) -> Estimate:
        """What is left to be read, counted by the model's own tokenizer.

        Cost: that of making all prompts.
        """
        left = self._left(questions)
        return Estimate(left.prompts, left.cached, left.tokens, left.prompts)

    def prepare(self, questions: Iterable[Question], told: Told = untold) -> Prepared:
        """Answer whatever is not in the cache; `told` of (done, all) of the missing prompts.

        What cannot be made short enough, or is answered without numbers, counts as nonsense.

        Raises:
            CorruptStore: the cache is damaged.
        """
        every = list(questions)
        left = self._left(every)
        done = answered = 0
        for at, batches in left.batches.items():
            for number, together in enumerate(self._batches(every[at])):
                if number in batches:
                    said = self._answers(every[at], together)
                    answered += sum(words is not None for words in said)
                    done += len(together)
                    told(done, left.prompts)
        return Prepared(left.cached, answered, left.prompts - answered + left.endless, 0, 0, None)

    def _left(self, questions: Iterable[Question]) -> _Left:
        """What has to be read; the prompts themselves are made again when they are."""
        batches: dict[int, set[int]] = {}
        prompts = tokens = cached = endless = 0
        for at, question in enumerate(questions):
            for number, together in enumerate(self._batches(question)):
                if all(map(self._known, together)):
                    cached += sum(asked.tokens is not None for asked in together)
                    endless += sum(asked.tokens is None for asked in together)
                else:
                    batches.setdefault(at, set()).add(number)
                    prompts += len(together)
                    tokens += sum(len(asked.tokens or ()) for asked in together)
        return _Left(batches, prompts, tokens, cached, endless)

    def _known(self, asked: _Asked) -> bool:
        return self._kept(asked) is not None or asked.tokens is None

    def _kept(self, asked: _Asked) -> Weights | None:
        return self.cache.get(self._row, asked.prompt.digest, asked.prompt.size)

    def _answers(self, question: Question, together: list[_Asked]) -> list[Weights | None]:
        """Of one batch: from the cache if all of it is there, else all of it anew, and kept."""
        kept = [self._kept(asked) for asked in together]
        if all(
            said is not None or a.tokens is None for said, a in zip(kept, together, strict=True)
        ):
            return kept
        read = [asked for asked in together if asked.tokens is not None]
        found = self._read([asked.tokens for asked in read if asked.tokens is not None])
        said_of: dict[bytes, Weights | None] = {}
        for asked, likely in zip(read, found, strict=True):
            said = self._said(likely, asked.prompt.size)
            said_of[asked.prompt.digest] = said
            if said is not None:
                self.cache.put(self._row, asked.prompt.digest, question.history.person, said)
        return [said_of.get(asked.prompt.digest) for asked in together]

    def _said(self, likely: Weights, size: int) -> Weights | None:
        """The letters' share of what comes next; None if the model gives no numbers."""
        if np.isnan(likely).any():
            return None
        tokens = [
            (letter, max(float(likely[number]), LEAST))
            for letter in LETTERS[:size]
            for number in self.letters[letter]
        ]
        return letters(tokens, size)

    def _read(self, prompts: list[Tokens]) -> list[Weights]:
        """float64[vocabulary] for each prompt: log probabilities of what comes after it.

        Padded on the right, which a model that only looks back never sees.
        """
        import torch  # noqa: PLC0415 - optional, and slow to load

        ends = torch.tensor([len(tokens) - 1 for tokens in prompts])
        width = int(ends.max()) + 1
        shown = torch.zeros((len(prompts), width), dtype=torch.long)
        real = torch.zeros((len(prompts), width), dtype=torch.long)
        for n, tokens in enumerate(prompts):
            shown[n, : len(tokens)] = torch.tensor(tokens)
            real[n, : len(tokens)] = 1
        model = self.pretrained.model
        extra: dict[str, Any] = {}
        places, at = torch.unique(ends, return_inverse=True)
        if "logits_to_keep" in inspect.signature(model.forward).parameters:
            extra["logits_to_keep"] = places  # else the vocabulary times all tokens is held
        else:
            at = ends
        with torch.inference_mode():
            logits = model(input_ids=shown, attention_mask=real, use_cache=False, **extra).logits
            last = logits[torch.arange(len(prompts)), at].double()
            found: list[Weights] = list(torch.log_softmax(last, -1).numpy())
        return found

    def _batches(self, question: Question) -> Iterator[list[_Asked]]:
        """Prompts that are read together: of one shuffle, in its order."""
        numbers = self.params
        for groups in shuffled(
            question, shuffles=numbers.shuffles, group=numbers.group, seed=numbers.seed
        ):
            for first in range(0, len(groups), numbers.batch):
                chosen = groups[first : first + numbers.batch]
                yield [self._asked(question, which) for which in chosen]

    def _asked(self, question: Question, which: Indices) -> _Asked:
        about = [question.candidates[n] for n in which.tolist()]
        left = min(len(question.history.items), self.params.history)
        while True:
            liked = question.history.items[len(question.history.items) - left :]
            made = prompt(Mode.LETTER, self.pretrained.fingerprint, liked, about)
            tokens = self._tokens(made)
            if len(tokens) <= self._longest:
                return _Asked(made, which, tokens)
            if not left:
                return _Asked(made, which, None)
            left = left * 3 // 4

    def _tokens(self, asked: Prompt) -> Tokens:
        """What the model reads, in its own form of a conversation if it has one."""
        tokenizer, messages = self.pretrained.tokenizer, asked.body["messages"]
        if not tokenizer.chat_template:
            text = "\n\n".join(message["content"] for message in messages) + "\nAnswer:"
            return list(tokenizer(text)["input_ids"])
        try:
            text = _conversation(tokenizer, messages)
        except _refusal():  # some templates know no system message
            text = _conversation(tokenizer, [{"role": "user", "content": asked.text}])
        return list(tokenizer(text, add_special_tokens=False)["input_ids"])


_KNOWN_SWITCHES: Final = {"enable_thinking": False}
"""Some templates have a switch for answering at once; others do not look at it."""


def _conversation(tokenizer: Any, messages: list[dict[str, str]]) -> str:
    text: str = tokenizer.apply_chat_template(
        messages, tokenize=False, add_generation_prompt=True, **_KNOWN_SWITCHES
    )
    return text


def _refusal() -> type[Exception]:
    """What a template raises that will not have it so."""
    from jinja2.exceptions import TemplateError  # noqa: PLC0415 - comes with torch

    found: type[Exception] = TemplateError
    return found
