"""What buildozer and python-for-android would write, by their own code: `rendering` runs this file.

    python -P -m mobile.packaging.build_child DIRECTORY   in mobile/, with the staged tree there;
                                                          -P, or mobile/packaging is `packaging`

buildozer reads the spec, checks it, copies the sources and says how it calls python-for-android.
The calls are kept instead of made. python-for-android's bootstrap is laid out as it does it, and
its own build.py packs what it would hand to Gradle: manifest, gradle file, resources, private.tar.
What an SDK, an NDK or a compiler is needed for is left out: no Python, no libraries, no Gradle.

A process of its own, as both tools change directory, print, and leave by exit().
"""

import contextlib
import io
import json
import os
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

BUILD_TOOLS = "36.0.0"
"""Named in the gradle file; the SDK that is not here would say which it has."""
MEANT_FOR_TOOLCHAIN = {
    "--bootstrap": 1,
    "--dist_name": 1,
    "--ndk-api": 1,
    "--local-recipes": 1,
    "--arch": 1,
    "--copy-libs": 0,
    "--debug": 0,
    "--ignore-setup-py": 0,
    "--release": 0,
}
"""Arguments of the call that python-for-android's toolchain takes for itself, and how many words
follow each; what it does not know it hands to build.py."""


def main(out: Path) -> None:
    """Write result.json, and the rendered project under dist/, into `out`."""
    result: dict[str, Any] = {"buildozer": "", "calls": [], "build": "", "left": []}
    said = io.StringIO()
    try:
        with contextlib.redirect_stdout(said), contextlib.redirect_stderr(said):
            calls, app = _buildozer(out)
    except SystemExit:
        result["buildozer"] = _last_lines(said.getvalue())
    else:
        result["calls"] = calls
        arguments, result["left"] = _for_build_py(calls[-1])
        result["build"] = _build_py(_dist(out, calls[-1]), arguments, app)
    (out / "result.json").write_text(json.dumps(result))


def _buildozer(out: Path) -> tuple[list[list[str]], Path]:
    from buildozer import Buildozer  # noqa: PLC0415 - only packagers have it
    from buildozer.targets.android import TargetAndroid  # noqa: PLC0415

    calls: list[list[str]] = []

    class Asked(Exception):  # noqa: N818 - it ends what would go on with a phone's package
        """The last call was kept."""

    class Kept(TargetAndroid):  # type: ignore[misc]
        """Keeps the calls of python-for-android instead of making them."""

        def _p4a(self, cmd: list[str], env: Any, **named: Any) -> None:  # noqa: ARG002
            calls.append([*cmd, *self.extra_p4a_args])
            if cmd[0] != "create":
                raise Asked

    buildozer = Buildozer("buildozer.spec")
    buildozer.config.set("buildozer", "build_dir", str(out / "buildozer"))
    buildozer.targetname = "android"
    target = Kept(buildozer)
    buildozer.target = target
    target.check_configuration_tokens()
    target.build_mode = "debug"
    target.artifact_format = "apk"
    Path(target.get_dist_dir(buildozer.config.get("app", "package.name"))).mkdir(parents=True)
    Path(buildozer.applibs_dir).mkdir(parents=True)
    buildozer.build_application()
    target.compile_platform()
    with contextlib.suppress(Asked):
        target.build_package()
    return calls, Path(buildozer.app_dir)


def _for_build_py(call: list[str]) -> tuple[list[str], list[str]]:
    """The call's arguments for build.py, and those it was started with for the toolchain."""
    kept, left = [], []
    words = iter(call[1:])
    for word in words:
        if word.startswith(("--color=", "--storage-dir=", "--ndk-api=", "--hook=")):
            left.append(word)
        elif word in MEANT_FOR_TOOLCHAIN:
            left += [word, *(next(words) for _ in range(MEANT_FOR_TOOLCHAIN[word]))]
        else:
            kept.append(word)
    return kept, left


def _dist(out: Path, call: list[str]) -> Path:
    """python-for-android's project directory, as Bootstrap.prepare_build_dir lays it out."""
    from pythonforandroid.bootstrap import Bootstrap  # noqa: PLC0415 - only packagers have it
    from pythonforandroid.build import Context  # noqa: PLC0415

    bootstrap = call[call.index("--bootstrap") + 1]
    archs = [call[i + 1] for i, word in enumerate(call) if word == "--arch"]
    with contextlib.redirect_stdout(io.StringIO()), contextlib.redirect_stderr(io.StringIO()):
        layers = Bootstrap.get_bootstrap(bootstrap, Context()).get_bootstrap_dirs()
    dist = out / "dist"
    for layer in layers:
        shutil.copytree(Path(layer) / "build", dist, dirs_exist_ok=True)
    shutil.rmtree(dist / "src" / "patches", ignore_errors=True)  # for SDL's sources, not here
    api = os.environ["WEB3REC_ANDROID_API"]
    (dist / "project.properties").write_text(f"target=android-{api}")
    (dist / "local.properties").write_text(f"sdk.dir={out / 'sdk'}")
    (out / "sdk" / "build-tools" / BUILD_TOOLS).mkdir(parents=True)
    for arch in archs:
        (dist / "libs" / arch).mkdir(parents=True)
        (dist / f"_python_bundle__{arch}").mkdir()
    info = {
        "bootstrap": bootstrap,
        "archs": archs,
        "ndk_api": int(os.environ["WEB3REC_ANDROID_NDK_API"]),
        "use_setup_py": False,
        "hostpython": sys.executable,
    }
    (dist / "dist_info.json").write_text(json.dumps(info))
    return dist


def _build_py(dist: Path, arguments: list[str], app: Path) -> str:
    """Run build.py where python-for-android would; empty if it went well, else what it said."""
    assert str(app) in arguments  # noqa: S101 - buildozer's own copy is what is packed
    ended = subprocess.run(  # noqa: S603
        [sys.executable, "build.py", *arguments, "--no-byte-compile-python"],
        cwd=dist,
        capture_output=True,
        text=True,
        check=False,
        env={**os.environ, "SOURCE_DATE_EPOCH": "1577836800"},
    )
    return "" if ended.returncode == 0 else _last_lines(ended.stdout + ended.stderr)


def _last_lines(text: str) -> str:
    return "\n".join(text.strip().splitlines()[-5:])


if __name__ == "__main__":
    main(Path(sys.argv[1]))
