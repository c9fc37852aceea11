"""Where candidates come from; all of them pass the same budgets.

Every source is a pure function from a `Sight` to a `Chorus`: what some people say of every item,
and how loudly each of them speaks.
"""

from web3rec.rank.sources.alike import alike
from web3rec.rank.sources.bm25 import WordIndex
from web3rec.rank.sources.catalogue import own_catalogue
from web3rec.rank.sources.fresh import fresh
from web3rec.rank.sources.interests import interests
from web3rec.rank.sources.popular import counted, popular_among_admitted
from web3rec.rank.sources.sight import CandidateSource, Replies, Sight
from web3rec.rank.sources.voices import Chorus, alone
from web3rec.rank.sources.walk import walked
from web3rec.rank.sources.words import words

__all__ = [
    "CandidateSource",
    "Chorus",
    "Replies",
    "Sight",
    "WordIndex",
    "alike",
    "alone",
    "counted",
    "fresh",
    "interests",
    "own_catalogue",
    "popular_among_admitted",
    "walked",
    "words",
]
