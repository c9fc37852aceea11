"""Multicast DNS by python-zeroconf, in threads of its own. Import it only where it is wanted.

zeroconf reads strangers' packets and keeps what they say until it expires; nothing bounds how much
that is on a hostile network, which is one more reason why mDNS is off unless asked for.
"""

from collections.abc import Sequence
from contextlib import suppress

from zeroconf import Error as ZeroconfError
from zeroconf import (
    InterfaceChoice,
    IPVersion,
    RecordUpdate,
    RecordUpdateListener,
    ServiceBrowser,
    ServiceInfo,
    Zeroconf,
)

from p2p.errors import NodeError
from p2p.mdns import SERVICE, Heard


class ZeroconfResponder:
    """Implements `p2p.mdns.Responder`. IPv4 only."""

    def __init__(self, interfaces: Sequence[str] | None = None) -> None:
        """`interfaces`: addresses of our own to use; None for all.

        Raises NodeError: there is no multicast here.
        """
        chosen = InterfaceChoice.All if interfaces is None else list(interfaces)
        try:
            self._zeroconf = Zeroconf(chosen, ip_version=IPVersion.V4Only, use_asyncio=False)
        except OSError as error:
            why = error.strerror or error
            raise NodeError(f"mdns cannot use multicast here: {why}; switch it off") from error
        self._info: ServiceInfo | None = None

    def browse(self, heard: Heard) -> None:
        """Ask for peers; TXT records that come with the answers, or unasked, go to `heard`."""
        self._zeroconf.add_listener(_TxtRecords(heard), None)
        ServiceBrowser(self._zeroconf, SERVICE, handlers=[_ignore])  # asks; ended by `close`

    def announce(self, name: str, port: int, txt: bytes) -> None:
        """Answer who asks. Takes about 1.5 s: the name is probed for first.

        Raises NodeError: somebody there says it has that name, or the network is gone.
        """
        host = f"{name.removesuffix(f'.{SERVICE}')}.local."  # not this machine's own name
        self._info = ServiceInfo(SERVICE, name, port=port, properties=txt, server=host)
        try:
            self._zeroconf.register_service(self._info)
        except (ZeroconfError, OSError) as error:
            self._info = None
            raise NodeError(f"mdns was refused: {type(error).__name__}") from error

    def hush(self) -> None:
        """Say goodbye; again is nothing."""
        info, self._info = self._info, None
        if info is not None:
            with suppress(ZeroconfError, OSError):  # nobody is there to say goodbye to
                self._zeroconf.unregister_service(info)

    def close(self) -> None:
        """End the threads."""
        self._zeroconf.close()


class _TxtRecords(RecordUpdateListener):
    """Runs in zeroconf's thread."""

    def __init__(self, heard: Heard) -> None:
        self._heard = heard

    def async_update_records(
        self,
        zc: Zeroconf,  # noqa: ARG002 - zeroconf's signature
        now: float,  # noqa: ARG002
        records: list[RecordUpdate],
    ) -> None:
        for update in records:
            text = getattr(update.new, "text", None)  # only TXT records have one
            if isinstance(text, bytes):
                self._heard(update.new.name, text)


def _ignore(**_change: object) -> None:
    """The browser wants somebody to tell of names; we read the records behind them."""
