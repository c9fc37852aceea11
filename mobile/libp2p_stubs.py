"""Stand-ins for what libp2p imports and Android has neither a recipe nor a wheel of.

    install() ─► a finder ─► import psutil ─► the real one, if it is there; else what is below

libp2p imports all its transports and key types at once. We speak TCP, Noise, Yamux and gossipsub
with Ed25519 keys, which need none of the packages below; so they may be named and are not called.
A stand-in has exactly the declared names; each is a class, so that it can be inherited from and
stand in an annotation, and making or calling one raises `StubError`. Importing any other name of it
fails as if the package were not installed.

Knows the standard library only: the packagers' audit reads `STUBS` without Kivy and without libp2p.
Names are those that libp2p 0.8.1, py-multihash 3.0.0 and multiaddr 0.2.0 import; a test compares.
"""

import importlib.machinery
import importlib.util
import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from importlib.abc import Loader
from types import MappingProxyType, ModuleType
from typing import Any, Final, NoReturn

OF: Final = MappingProxyType({"libp2p": "0.8.1", "py-multihash": "3.0.0", "multiaddr": "0.2.0"})
"""Whose imports were read for this table; another version is read anew before it is shipped."""


class StubError(NotImplementedError):
    """Something called a package that is not on this device."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Stub:
    """One package, by what is imported of it."""

    package: str
    """What the package index calls it."""
    stands_for: str
    """What it is, and what imports it."""
    why: str
    """Why nothing that we do calls it."""
    names: Mapping[str, tuple[str, ...]]
    """Names of each module, packages before what is in them; () where only the module is named.
    Empty: nothing imports it at all, and it is only left out of the requirements."""
    idle: frozenset[str] = frozenset()
    """Full names of those of which one is made at import; it may lie there, and is not asked."""
    refused: frozenset[str] = frozenset()
    """Full names of those that are called all the same, by who takes the error for "not known"."""

    @property
    def top(self) -> str | None:
        """What is imported; None: nothing is."""
        return next(iter(self.names), None)


def _table(*stubs: Stub) -> Mapping[str, Stub]:
    return MappingProxyType({stub.package: stub for stub in stubs})


STUBS: Final = _table(
    Stub(
        package="aioquic",
        stands_for="QUIC; libp2p's transports quic and webtransport",
        why="nodes listen on and dial TCP only: no other transport is given to the swarm",
        names={
            "aioquic": (),
            "aioquic.buffer": ("Buffer",),
            "aioquic.h3": (),
            "aioquic.h3.connection": ("FrameType", "H3Connection", "H3_ALPN"),
            "aioquic.h3.events": ("HeadersReceived", "WebTransportStreamDataReceived"),
            "aioquic.quic": (),
            "aioquic.quic.configuration": ("QuicConfiguration",),
            "aioquic.quic.connection": (
                "QuicConnection",
                "QuicConnectionError",
                "StreamFinishedError",
            ),
            "aioquic.quic.events": (
                "ConnectionIdIssued",
                "ConnectionIdRetired",
                "ConnectionTerminated",
                "DatagramFrameReceived",
                "HandshakeCompleted",
                "PingAcknowledged",
                "ProtocolNegotiated",
                "QuicEvent",
                "StopSendingReceived",
                "StreamDataReceived",
                "StreamReset",
            ),
            "aioquic.quic.packet": ("QuicErrorCode", "QuicPacketType", "pull_quic_header"),
        },
    ),
    Stub(
        package="pylsqpack",
        stands_for="header compression of HTTP/3; aioquic imports it, nothing else",
        why="aioquic is not there to ask it",
        names={},
    ),
    Stub(
        package="fastecdsa",
        stands_for="ECDSA on P-256; libp2p.crypto.ecc and key_exchange",
        why="keys of nodes are Ed25519, and Noise exchanges X25519: both are libsodium's",
        names={
            "fastecdsa": (),
            "fastecdsa.curve": ("Curve", "P256"),
            "fastecdsa.keys": ("export_key", "gen_private_key", "get_public_key"),
            "fastecdsa.point": ("Point",),
            "fastecdsa.encoding": (),
            "fastecdsa.encoding.sec1": ("SEC1Encoder",),
            "fastecdsa.encoding.util": ("int_bytelen",),
        },
    ),
    Stub(
        package="blake3",
        stands_for="a hash function; py-multihash imports it",
        why="names of peers are identity or SHA-256 multihashes",
        names={"blake3": ("blake3",)},
        idle=frozenset({"blake3.blake3"}),
    ),
    Stub(
        package="mmh3",
        stands_for="a hash function; py-multihash imports it",
        why="names of peers are identity or SHA-256 multihashes",
        names={"mmh3": ("hash", "hash128")},
    ),
    Stub(
        package="cbor2",
        stands_for="CBOR; libp2p's bitswap and IPNS records",
        why="neither is registered; our records are DAG-CBOR by dag-cbor, which is pure Python",
        names={"cbor2": ("dumps", "loads")},
    ),
    Stub(
        package="miniupnpc",
        stands_for="port mapping at a router; libp2p.discovery.upnp",
        why="hosts are made without it",
        names={"miniupnpc": ("UPnP",)},
    ),
    Stub(
        package="psutil",
        stands_for="memory and network interfaces; libp2p's resource manager and multiaddr.utils",
        why="limits are counts: memory limits are off, and the manager, told of no process, knows"
        " of no memory; addresses to listen on are given, not looked up",
        names={
            "psutil": (
                "Process",
                "boot_time",
                "cpu_count",
                "cpu_percent",
                "disk_usage",
                "net_if_addrs",
                "virtual_memory",
            )
        },
        refused=frozenset({"psutil.Process"}),
    ),
    Stub(
        package="zeroconf",
        stands_for="multicast DNS; libp2p.discovery.mdns, for which the recipe, 0.24.5, is too old",
        why="hosts are made without libp2p's; our own is off unless asked for, and then says that"
        " it is not there",
        names={
            "zeroconf": (
                "EventLoopBlocked",
                "ServiceBrowser",
                "ServiceInfo",
                "ServiceListener",
                "Zeroconf",
            )
        },
    ),
    Stub(
        package="lru-dict",
        stands_for="a cache; libp2p requires it and imports it nowhere",
        why="nothing imports it",
        names={},
    ),
)
"""By what the package index calls them: each package that is required and not shipped."""


class _Absent(type):
    """The type of stand-ins: naming one is free, making one is not."""

    def __call__(cls, *_args: object, **_named: object) -> Any:
        name = _name(cls)
        if name in _IDLE:
            return _Idle(name)
        raise _called(name)

    def __getattr__(cls, name: str) -> NoReturn:
        if name.startswith("_"):  # what Python itself looks for in a class
            raise AttributeError(name)
        raise _called(f"{_name(cls)}.{name}")


class _Idle:
    """One that was made at import; whatever it is asked is a call."""

    def __init__(self, name: str) -> None:
        self._name = name

    def __getattr__(self, name: str) -> NoReturn:
        raise _called(f"{self._name}.{name}")


def _name(cls: type) -> str:
    """The stand-in's, also of what libp2p made of it."""
    declared = next(base for base in cls.__mro__ if base.__module__ in _MODULES)
    return f"{declared.__module__}.{declared.__qualname__}"


def _called(name: str) -> StubError:
    package = next((s.package for s in STUBS.values() if s.top == name.split(".", 1)[0]), name)
    return StubError(
        f"{name} was called, and {package} is not on this device: only TCP, Noise, Yamux and"
        " gossipsub with Ed25519 keys are (mobile/libp2p_stubs.py)"
    )


class _Declared(Loader):
    """Makes the module that is declared, empty but for its names."""

    def exec_module(self, module: ModuleType) -> None:
        for name in _MODULES[module.__name__]:
            setattr(module, name, _Absent(name, (), {"__module__": module.__name__}))


class _Finder:
    """Finds what is declared. Last among finders, it is asked for what is not there only."""

    def __init__(self, packages: frozenset[str]) -> None:
        self._tops = frozenset(STUBS[package].top for package in packages)

    def find_spec(
        self, fullname: str, _path: Sequence[str] | None, _target: ModuleType | None = None, /
    ) -> importlib.machinery.ModuleSpec | None:
        """The module's spec, if it is declared and no part of a package that is there."""
        top, _, inner = fullname.partition(".")
        if top not in self._tops or fullname not in _MODULES:
            return None
        if inner and not is_stub(top):
            return None
        spec = importlib.machinery.ModuleSpec(
            fullname, _LOADER, is_package=any(m.startswith(f"{fullname}.") for m in _MODULES)
        )
        spec.origin = "mobile/libp2p_stubs.py"
        return spec


_MODULES: Final[Mapping[str, tuple[str, ...]]] = MappingProxyType(
    {module: names for stub in STUBS.values() for module, names in stub.names.items()}
)
_IDLE: Final = frozenset[str]().union(*(stub.idle for stub in STUBS.values()))
_LOADER: Final = _Declared()


def is_stub(top: str) -> bool:
    """Whether a package that was imported is a stand-in; `top` is the name it is imported by."""
    module = sys.modules.get(top)
    spec: Any = getattr(module, "__spec__", None)
    return spec is not None and spec.loader is _LOADER


def install(*, forced: bool = False) -> tuple[str, ...]:
    """Let the declared packages be imported where they are not there; before libp2p is.

    Args:
        forced: take the stand-ins even where the real packages are there, as tests do.

    Returns:
        The packages, by STUBS' names, that are stand-ins when imported from now on.

    Raises:
        RuntimeError: forced, and one of the real packages was imported already.

    Doing it again changes nothing.
    """
    imported = {stub.package: stub.top for stub in STUBS.values() if stub.top is not None}
    real = [p for p, top in imported.items() if top in sys.modules and not is_stub(top)]
    if forced and real:
        raise RuntimeError(
            f"{', '.join(real)}: imported already; call install(forced=True) before libp2p is"
        )
    ours = [finder for finder in sys.meta_path if isinstance(finder, _Finder)]
    if not ours:
        finder = _Finder(frozenset(imported))
        sys.meta_path.insert(0 if forced else len(sys.meta_path), finder)
    elif forced and sys.meta_path[0] is not ours[0]:
        sys.meta_path.remove(ours[0])
        sys.meta_path.insert(0, ours[0])
    return tuple(p for p, top in imported.items() if _is_ours(top))


def _is_ours(top: str) -> bool:
    if top in sys.modules:
        return is_stub(top)
    spec = importlib.util.find_spec(top)
    return spec is not None and spec.loader is _LOADER
