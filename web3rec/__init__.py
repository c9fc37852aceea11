"""web3rec: a recommender that lives on its user's own device and that nobody can rig.

    from web3rec import Recommender, Options, Event, Item

Everything public is here and loaded on first use: importing web3rec opens no file and loads
neither the network, a model runtime nor a user interface.
"""

from importlib import import_module
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from trust import TrustParams as TrustParams
    from web3rec.batch import Batch as Batch
    from web3rec.batch import Learnt as Learnt
    from web3rec.batch import Model as Model
    from web3rec.batch import Recommendation as Recommendation
    from web3rec.errors import AlreadyOpen as AlreadyOpen
    from web3rec.errors import Closed as Closed
    from web3rec.errors import CorruptStore as CorruptStore
    from web3rec.errors import DataError as DataError
    from web3rec.errors import Incompatible as Incompatible
    from web3rec.errors import KeyFileError as KeyFileError
    from web3rec.errors import ParamError as ParamError
    from web3rec.errors import PassphraseError as PassphraseError
    from web3rec.errors import ReadOnly as ReadOnly
    from web3rec.errors import Web3recError as Web3recError
    from web3rec.options import Options as Options
    from web3rec.params import BudgetParams as BudgetParams
    from web3rec.params import Params as Params
    from web3rec.params import RankParams as RankParams
    from web3rec.params import WindowParams as WindowParams
    from web3rec.rank.admission import Mode as Mode
    from web3rec.recommender import Recommender as Recommender
    from web3rec.rerank.params import RerankParams as RerankParams
    from web3rec.store import OwnAct as OwnAct
    from web3rec.store import Receipt as Receipt
    from web3rec.store import Withheld as Withheld
    from web3rec.store import Withholding as Withholding
    from web3rec.types import Event as Event
    from web3rec.types import Item as Item
    from web3rec.types import ItemId as ItemId
    from web3rec.types import Millis as Millis
    from web3rec.types import PeerId as PeerId
    from web3rec.types import Verdict as Verdict
    from web3rec.unlearn.audit import Audit as Audit

__version__ = "0.1.0"

_HOME = {
    "trust": ("TrustParams",),
    "web3rec.batch": ("Batch", "Learnt", "Model", "Recommendation"),
    "web3rec.errors": (
        "AlreadyOpen",
        "Closed",
        "CorruptStore",
        "DataError",
        "Incompatible",
        "KeyFileError",
        "ParamError",
        "PassphraseError",
        "ReadOnly",
        "Web3recError",
    ),
    "web3rec.options": ("Options",),
    "web3rec.params": ("BudgetParams", "Params", "RankParams", "WindowParams"),
    "web3rec.rank.admission": ("Mode",),
    "web3rec.recommender": ("Recommender",),
    "web3rec.rerank.params": ("RerankParams",),
    "web3rec.store": ("OwnAct", "Receipt", "Withheld", "Withholding"),
    "web3rec.types": ("Event", "Item", "ItemId", "Millis", "PeerId", "Verdict"),
    "web3rec.unlearn.audit": ("Audit",),
}
_MODULE_OF = {name: module for module, names in _HOME.items() for name in names}

__all__ = [  # noqa: PLE0604 - the names are texts
    "__version__",
    *sorted(_MODULE_OF),
]


def __getattr__(name: str) -> object:
    if name not in _MODULE_OF:
        raise AttributeError(f"module 'web3rec' has no attribute {name!r}")
    return getattr(import_module(_MODULE_OF[name]), name)


def __dir__() -> list[str]:
    return __all__
