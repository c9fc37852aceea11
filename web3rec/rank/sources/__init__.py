"""Where candidates come from; all of them pass the same budgets."""

from web3rec.rank.sources.catalogue import own_catalogue
from web3rec.rank.sources.popular import popular_among_admitted
from web3rec.rank.sources.walk import walked

__all__ = ["own_catalogue", "popular_among_admitted", "walked"]
