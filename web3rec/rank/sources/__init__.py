"""Where candidates come from; all of them pass the same budgets."""

from web3rec.rank.sources.catalogue import own_catalogue
from web3rec.rank.sources.popular import others, popular_among_admitted
from web3rec.rank.sources.walk import walked

__all__ = ["others", "own_catalogue", "popular_among_admitted", "walked"]
