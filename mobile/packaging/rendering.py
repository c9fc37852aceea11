"""The Android project as buildozer and python-for-android would hand it to Gradle, without either
compiling anything.
"""

import json
import os
import subprocess
import sys
import tarfile
import tempfile
from dataclasses import dataclass
from pathlib import Path

from mobile.packaging import spec as spec_file
from mobile.packaging.project import Project


class NotRenderedError(RuntimeError):
    """One of the tools refused; its last lines say why."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Rendered:
    """What was written."""

    manifest: str
    """AndroidManifest.xml."""
    gradle: str
    """build.gradle."""
    services: dict[str, str]
    """Each service's Java, by its class."""
    resources: frozenset[str]
    """Files under res/."""
    packed: frozenset[str]
    """Files in private.tar: the app."""
    size: int
    """Bytes of private.tar, which is compressed."""


def rendered(project: Project) -> Rendered:
    """Let the tools write it.

    Raises:
        NotRenderedError: buildozer refuses the spec, or python-for-android its arguments.

    Cost: 2 s, and 10 MB for as long as that in the temporary directory.
    """
    spec = spec_file.read(project.spec)
    with tempfile.TemporaryDirectory(prefix="web3rec-android-") as temporary:
        out = Path(temporary)
        ended = subprocess.run(  # noqa: S603
            [sys.executable, "-P", "-m", "mobile.packaging.build_child", temporary],
            cwd=project.mobile,
            capture_output=True,
            text=True,
            check=False,
            env=_environment(spec, out),
        )
        if ended.returncode != 0:
            raise NotRenderedError(ended.stderr.strip()[-600:])
        result = json.loads((out / "result.json").read_text())
        for tool in ("buildozer", "build"):
            if result[tool]:
                name = {"buildozer": "buildozer", "build": "python-for-android"}[tool]
                raise NotRenderedError(f"{name}: {result[tool]}")
        return _read(out / "dist")


def _environment(spec: spec_file.Spec, out: Path) -> dict[str, str]:
    ours = Path(__file__).resolve().parents[2]
    kept = {k: v for k, v in os.environ.items() if not k.startswith(("APP_", "BUILDOZER_", "P4A_"))}
    return {
        **kept,
        "HOME": str(out),
        "PYTHONPATH": str(ours),
        "WEB3REC_ANDROID_API": spec.said("android.api") or "0",
        "WEB3REC_ANDROID_NDK_API": spec.said("android.ndk_api") or "0",
    }


def _read(dist: Path) -> Rendered:
    main = dist / "src" / "main"
    java = main / "java"
    private = main / "assets" / "private.tar"
    with tarfile.open(private) as archive:
        packed = frozenset(member.name for member in archive if member.isfile())
    resources = main / "res"
    return Rendered(
        manifest=(main / "AndroidManifest.xml").read_text(encoding="utf-8"),
        gradle=(dist / "build.gradle").read_text(encoding="utf-8"),
        services={
            ".".join(path.relative_to(java).with_suffix("").parts): path.read_text(encoding="utf-8")
            for path in sorted(java.rglob("Service*.java"))
        },
        resources=frozenset(
            path.relative_to(resources).as_posix()
            for path in resources.rglob("*")
            if path.is_file()
        ),
        packed=packed,
        size=private.stat().st_size,
    )
