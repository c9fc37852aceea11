"""Teachers: whoever knows how somebody would rank candidates, so that a small model can learn it.

For desktops only (extra `distill`); no device needs it, and nothing here needs torch.

    question = Question(History("u1", liked), candidates)
    labels(teacher, questions)         what a teacher says of each, resumable
    decision(teacher_ndcg, own_ndcg)   may a student learn from it?

    teacher    the Protocol and its values          cache      judgements on disk, one a row
    labels     asking a teacher many questions      gate       may a student learn from it?
    files      rankings that a language model wrote simulated  users that one played
    profiles   what one wrote about items           ensemble   collaborative methods, cross-fitted
    endpoint   one that is asked over HTTP (prompts, answers, asking, costs, options)
    measuring  how good a teacher is on a split

What a language model says is a stranger's text: it is read totally, kept where it names
candidates, counted where it does not, and never raises.
"""

from web3rec.distill.cache import Cache
from web3rec.distill.gate import Decision, decision
from web3rec.distill.labels import Cached, Labels, labels
from web3rec.distill.teacher import Described, History, Question, Teacher

__all__ = [
    "Cache",
    "Cached",
    "Decision",
    "Described",
    "History",
    "Labels",
    "Question",
    "Teacher",
    "decision",
    "labels",
]
