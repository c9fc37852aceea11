"""Teachers: whoever knows how somebody would rank candidates, so that a small model can learn it.

For desktops only (extra `distill`); no device needs it. Only models need torch, and it is loaded
when one is opened.

    teacher = kinds.rankings(path)                              lists that a language model wrote
              kinds.judgements(path, people, items)             what simulated users said
              kinds.profiles(path, keys)                        paragraphs on items, as words
              kinds.endpoint(url, model, cache, key=...)        one that is asked over HTTP
              kinds.local(path, cache)                          one in a folder of this machine
              kinds.encoder(path, texts, dataset, targets, cache)   sentences mapped into taste
              kinds.texts(texts, dataset, targets)              the same of words, without torch
              kinds.ensemble(dataset, targets)                  collaborative, cross-fitted

    teacher.estimate(questions).cost(prices)    endpoint, local: what asking would take
    teacher.prepare(questions, told)            endpoint, local: ask; stop it, and start it again
    labels(teacher, questions)                  what a teacher says of each list
    labels(Cached(teacher, cache), questions)   the same, kept: for those that do not keep theirs
    decision(name, teacher_ndcg, own_ndcg, rng) may a student learn from it?

    teacher    the Protocol and its values          cache      judgements on disk, one a row
    labels     asking a teacher many questions      gate       may a student learn from it?
    kinds      all of these from plain arguments    measuring  how good a teacher is on a split
    files, simulated, profiles                      what language models wrote
    prompts, shuffling, answers, costs              what is asked, and what an answer says
    endpoint (asking), local_model (pretrained)     who is asked
    encoder, text_vectors, linear_map               texts as vectors, mapped into what people like
    ensemble                                        collaborative methods, cross-fitted
    forgotten, shards                               who is passed over; who learns with whom

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
