"""Where candidates come from; all of them pass the same budgets."""

from web3rec.rank.sources.catalogue import own_catalogue
from web3rec.rank.sources.popular import Popularity, popular_among_admitted, popularity
from web3rec.rank.sources.walk import walked

__all__ = ["Popularity", "own_catalogue", "popular_among_admitted", "popularity", "walked"]
