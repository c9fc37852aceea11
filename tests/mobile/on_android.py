"""The app's inside as Android would run it, but for the screens; says in JSON what happened.

    python -OO -m tests.mobile.on_android FOLDER

Optimised as python-for-android runs everything: without asserts and without docstrings. The system
is called android, Java is a stand-in, and what Android lacks is not installed. Loopback only.
"""

import json
import os
import sys
import sysconfig
from collections import deque
from collections.abc import Callable
from pathlib import Path
from types import ModuleType
from typing import Any

FOLDER = Path(sys.argv[1])
ENVIRONMENT = {
    "ANDROID_APP_PATH": "app",
    "ANDROID_ARGUMENT": "app",
    "ANDROID_ENTRYPOINT": "main.pyc",
    "ANDROID_PRIVATE": ".",
    "ANDROID_UNPACK": "app",
    "P4A_BOOTSTRAP": "SDL2",
    "PYTHONOPTIMIZE": "2",
    "PYTHON_NAME": "python",
}
"""What python-for-android's start.c and PythonActivity.java set; paths are in the folder."""


def become_android() -> None:
    """Before anything else is imported."""
    sysconfig.get_config_vars()  # kept; read later, it would look for an Android build's
    sys.platform = "android"
    for name, value in ENVIRONMENT.items():
        is_path = name.startswith("ANDROID") and name != "ANDROID_ENTRYPOINT"
        os.environ[name] = str(FOLDER / value) if is_path else value
    os.environ["HOME"] = str(FOLDER / "app")


def java() -> Any:
    """pyjnius over two stand-ins: of the phone's classes, and of ONNX Runtime's."""
    from pytest import MonkeyPatch  # noqa: PLC0415, PT013

    from tests.mobile.java import runtime  # noqa: PLC0415
    from tests.mobile.platform_.phone import Phone  # noqa: PLC0415

    phone = Phone()
    counted = runtime.put_in(MonkeyPatch())
    jnius: Any = sys.modules["jnius"]
    of_models, cast = jnius.autoclass, jnius.cast

    def autoclass(name: str) -> Any:
        return of_models(name) if name in runtime.CLASSES else phone.class_(name)

    def cast_either(name: str, held: Any) -> Any:
        return cast(name, held) if name in runtime.CLASSES else phone.cast(name, held)

    jnius.autoclass, jnius.cast = autoclass, cast_either
    sys.modules["android"] = ModuleType("android")
    return counted


def shown(storage: Path, runtimes: Any) -> dict[str, object]:
    """The bridge's State of a store that is there, put together as the app's main does."""
    from mobile.main import Parts, Setup  # noqa: PLC0415
    from mobile.platform_ import this_device  # noqa: PLC0415
    from tests.mobile.gossiping import until  # noqa: PLC0415

    class Here:
        """The phone, with a folder that is there."""

        def storage(self) -> Path:
            return storage

        def has_services(self) -> bool:
            return False

        def __getattr__(self, name: str) -> Any:
            return getattr(this_device(), name)

    calls: deque[Callable[[], None]] = deque()
    parts = Parts(Setup(platform=Here(), runtimes=runtimes), calls.append)

    def listed() -> bool:
        while calls:
            calls.popleft()()
        return bool(parts.bridge.state.for_you.rows or parts.bridge.state.failure)

    parts.lifecycle.start()
    until(listed, "a list")
    state = parts.bridge.state
    parts.lifecycle.pause()
    parts.lifecycle.stop()
    closed = parts.bridge.close(30)
    return {"rows": len(state.for_you.rows), "failure": state.failure, "closed": closed}


def ordered(folder: Path, runtimes: Any) -> dict[str, object]:
    """A list that a model orders which only Java can run."""
    from tests.web3rec.ordered import with_bundle  # noqa: PLC0415
    from tests.web3rec.rerank.bundle.test_runtime import onnx_only  # noqa: PLC0415

    folder.mkdir()
    batch = with_bundle(folder, onnx_only(), runtimes=runtimes)
    return {"model": str(batch.model), "note": batch.model_note}


def main() -> None:
    become_android()
    counted = java()
    from mobile import libp2p_stubs  # noqa: PLC0415
    from tests.mobile.absent import hide  # noqa: PLC0415
    from tests.mobile.gossiping import counted as calls_of  # noqa: PLC0415
    from tests.mobile.gossiping import talked  # noqa: PLC0415

    tops = {stub.top for stub in libp2p_stubs.STUBS.values() if stub.top}
    hide({*libp2p_stubs.STUBS, "onnxruntime"}, {*tops, "lru", "pylsqpack"})
    said: dict[str, Any] = {"stubs": libp2p_stubs.install()}
    called = calls_of()
    from mobile import bridge, lifecycle, main, platform_, service  # noqa: F401, PLC0415
    from mobile.java_onnx import found  # noqa: PLC0415
    from mobile.service import main as service_main  # noqa: F401, PLC0415

    device = platform_.this_device()
    said["device"] = [type(device).__name__, device.network(), device.charging()]
    through = found()
    said["java"] = [through.is_there(), through.why_not]
    said |= ordered(FOLDER / "ordered", (through,))
    said["sessions"] = len(counted.options)
    said["talked"] = talked(FOLDER)
    storage = FOLDER / "private"
    storage.mkdir()
    (FOLDER / "other").rename(storage / main.STORE)
    said["app"] = shown(storage, (through,))
    said["called"] = called
    said["kivy"] = "kivy" in sys.modules
    said["stripped"] = become_android.__doc__ is None
    json.dump(said, sys.stdout)


if __name__ == "__main__":
    main()
