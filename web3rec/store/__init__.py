"""The log on disk: the one piece of state that everything else is a function of."""

from web3rec.store.database import FILE as LOG_FILE
from web3rec.store.database import quarantine
from web3rec.store.ingest import Source
from web3rec.store.keeping import Apportioned
from web3rec.store.known import Known
from web3rec.store.log import WINDOW, Log
from web3rec.store.own import OwnAct, key_of
from web3rec.store.receipt import Receipt
from web3rec.store.sharing import Page, Pending
from web3rec.store.withheld import Withheld
from web3rec.store.withholding import Withholding

__all__ = [
    "LOG_FILE",
    "WINDOW",
    "Apportioned",
    "Known",
    "Log",
    "OwnAct",
    "Page",
    "Pending",
    "Receipt",
    "Source",
    "Withheld",
    "Withholding",
    "key_of",
    "quarantine",
]
