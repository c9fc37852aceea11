"""The main source: what personalised SALSA reached."""

from web3rec.params import RankParams
from web3rec.rank.admission import Admission
from web3rec.rank.salsa import Salsa, discount
from web3rec.rank.sources.voices import Voices


def walked(salsa: Salsa, admission: Admission, params: RankParams) -> Voices:
    """The walk as a source: the listeners it met speak, the discount is what they are divided by.

    Cost: O(items).
    """
    fade = discount(admission.degree, params.eta)
    return Voices("taste", salsa.speakers, salsa.scores, fade)
