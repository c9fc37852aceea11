"""Where everything is put together: the platform, the store's bridge, the lifecycle, the app.

python-for-android's entry calls `main`; a desktop's demo calls `run` with its own data. The first
frame waits for none of it: the window shows grey rows while the store is opened.
"""

import gc
from collections.abc import Callable
from dataclasses import astuple, dataclass, field, replace
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from mobile import preferences, startup
from mobile.platform_ import Platform, on_android, this_device
from mobile.viewmodel import Fact, Scheme, State

if TYPE_CHECKING:
    from mobile.bridge.wire import MakeNode
    from web3rec.recommender import Recommender
    from web3rec.rerank.bundle.runtime import Runtime

STORE: Final = "web3rec"
"""The store's folder, in the platform's private one"""
TICK_SECONDS: Final = 1.0
"""Between two looks at the player and the network"""
LOOK_SECONDS: Final = 5.0
"""Between two looks at the device: what carries bytes, the charger, the clock"""
START_SECONDS: Final = 1.0
"""After the first frame, until the network is loaded: the first list is drawn by then, and what is
imported on another thread holds up this one"""
END_SECONDS: Final = 8.0
"""For the node to leave and the store to close, when the app ends"""
FACTS: Final = (Fact("Licence", "Apache-2.0"), Fact("Icons", "Material Design Icons, Apache-2.0"))


@dataclass(frozen=True, slots=True, kw_only=True)
class Window:
    """What is drawn into; on a phone that is the screen."""

    size: tuple[int, int] | None = None
    """Pixels"""
    density: float | None = None
    """Pixels of a dp; None asks the system"""
    font_scale: float | None = None
    """None asks the system"""
    offscreen: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Setup:
    """An app to be run."""

    platform: Platform
    make_node: "MakeNode | None" = None
    """None: this app has no network"""
    prepare: Callable[[Path], object] = lambda _store: None
    """Called before the store in this folder is opened, on the bridge's own thread"""
    runtimes: "tuple[Runtime, ...]" = ()
    """What may run larger models, besides NumPy and what is installed"""
    window: Window = field(default_factory=Window)
    scheme: Scheme | None = None
    """Instead of what was chosen"""
    seconds: float | None = None
    """Ends by itself after so long"""
    tell: Callable[[State], object] | None = None
    """Told every state that the screens are"""
    watch: Callable[[Any], object] | None = None
    """Given the app before its first frame"""


def main() -> None:
    """The app on this device, with nobody's data but its person's own."""
    run(Setup(platform=this_device(), make_node=node, runtimes=_runtimes()))


def run(setup: Setup) -> None:
    """Show the app until it is closed. Raises StartupError: Kivy was imported before."""
    platform, window = setup.platform, setup.window
    home = platform.storage()
    startup.configure(
        home=home / "kivy",
        size=window.size,
        density=window.density,
        font_scale=window.font_scale or (None if on_android() else platform.font_scale()),
        offscreen=window.offscreen,
    )
    from kivy.clock import Clock  # noqa: PLC0415 - not before `configure`

    from mobile.app import Hooks, Web3recApp  # noqa: PLC0415
    from mobile.shell import Insets  # noqa: PLC0415

    parts = Parts(setup, lambda call: Clock.schedule_once(lambda _elapsed: call(), -1))
    bridge, lifecycle = parts.bridge, parts.lifecycle

    def pause() -> bool:
        if begin.is_triggered:  # so soon
            begin.cancel()
            lifecycle.start()
        return lifecycle.pause()

    hooks = Hooks(
        pause=pause,
        resume=lifecycle.resume,
        stop=lifecycle.stop,
        low_memory=lifecycle.low_memory,
        dark=platform.dark,
        font_scale=lambda: window.font_scale or platform.font_scale(),
        touched=lambda: bridge.touched(platform.now().boot),
        insets=lambda: Insets(*astuple(platform.insets())),
    )
    app = Web3recApp(bridge, bridge.state, hooks)
    bridge.subscribe(app.show)
    bridge.subscribe(_steady())
    if setup.tell is not None:
        bridge.subscribe(setup.tell)
    Clock.schedule_interval(lambda _elapsed: bridge.tick(platform.now().boot), TICK_SECONDS)
    Clock.schedule_interval(lambda _elapsed: lifecycle.look(), LOOK_SECONDS)
    begin = Clock.schedule_once(lambda _elapsed: lifecycle.start(), START_SECONDS)
    if setup.seconds is not None:
        Clock.schedule_once(lambda _elapsed: app.stop(), setup.seconds)
    if setup.watch is not None:
        setup.watch(app)
    try:
        app.run()
    finally:
        lifecycle.stop()
        bridge.close(END_SECONDS)


def _steady() -> Callable[[State], None]:
    """Spares frames what the collector would look at in vain: what was loaded stays loaded.

    A full collection looks at 60,000 objects, more with a large catalogue: .06 to .2 s, and they
    come while screens are made. Garbage collection goes on among what is made later.
    """
    gc.freeze()
    waited = {"catalogue", "network"}

    def show(state: State) -> None:
        there = {"catalogue": state.library.total > 0, "network": state.chip.online}
        for one in [name for name in waited if there[name]]:
            waited.discard(one)
            gc.freeze()

    return show


class Parts:
    """All that is behind the screens; knows no Kivy."""

    def __init__(self, setup: Setup, deliver: Callable[[Callable[[], None]], object]) -> None:
        """The store is being opened when this returns.

        Args:
            setup: what is to be run.
            deliver: runs a call on the UI thread, soon.
        """
        from mobile.bridge import Bridge  # noqa: PLC0415 - NumPy and SQLite take half a second
        from mobile.lifecycle import Lifecycle  # noqa: PLC0415
        from mobile.service.knock import Knock, patient  # noqa: PLC0415

        platform = setup.platform
        home = platform.storage()
        store = home / STORE
        chosen = preferences.load(store)
        if setup.scheme is not None:
            chosen = replace(chosen, scheme=setup.scheme)
        knock = Knock(store) if platform.has_services() else None
        open_it: Callable[[], Recommender] = partial(_opened, store, setup)
        self._counting: Lifecycle | None = None
        self.bridge = Bridge(
            open_it if knock is None else patient(open_it, knock),
            setup.make_node,
            deliver,
            chosen,
            save=partial(preferences.save, store),
            on_preferences=self._chosen,
            used_today=self._used_today,
            ask_network=self._ask_network,
            exports=platform.exports(),
            facts=FACTS,
        )
        self.lifecycle = Lifecycle(
            self.bridge,
            platform,
            store,
            chosen,
            service=knock,
            tell_background=self.bridge.tell_background,
        )
        self._counting = self.lifecycle

    def _used_today(self) -> int:
        """From any thread, perhaps before there is a lifecycle."""
        return 0 if self._counting is None else self._counting.used_today()

    def _ask_network(self) -> None:
        self.lifecycle.ask()

    def _chosen(self, now: preferences.Preferences) -> None:
        self.lifecycle.change(now)


def _opened(store: Path, setup: Setup) -> "Recommender":
    from web3rec.options import Options  # noqa: PLC0415
    from web3rec.params import Params  # noqa: PLC0415
    from web3rec.recommender import Recommender  # noqa: PLC0415

    setup.prepare(store)
    # Numbers of ranking as given: chosen anew after each tap they take .4 to .9 s (0036, 0040).
    return Recommender.open(store, Options(params=Params(), runtimes=setup.runtimes))


def _runtimes() -> "tuple[Runtime, ...]":
    """Android's; its classes are found in the main thread only."""
    if not on_android():
        return ()
    from mobile.java_onnx import found  # noqa: PLC0415

    return (found(),)


def node(rec: "Recommender") -> Any:
    """The node of a device that has no other to begin with: its person names whom to dial."""
    from mobile.libp2p_stubs import install  # noqa: PLC0415
    from p2p.node import Node  # noqa: PLC0415
    from p2p.options import NodeOptions  # noqa: PLC0415

    install()
    return Node(rec, NodeOptions(listen=["/ip4/0.0.0.0/tcp/0"]))
