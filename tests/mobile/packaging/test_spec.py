"""The spec: what buildozer would let pass and should not."""

import pytest

from mobile.packaging import project, spec
from mobile.packaging.project import Project


def _edit(where: Project, old: str, new: str) -> None:
    text = where.spec.read_text()
    assert old in text
    where.spec.write_text(text.replace(old, new))


def test_the_real_spec_is_right() -> None:
    found = spec.check(project.here())
    assert found.ok, found.said
    assert "target SDK 36" in found.said


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ("android.allow_backup", "android.allow_bakup", "did you mean android.allow_backup?"),
        ("[app]", "[app]\nandroid.frobnicate = 1", "buildozer knows no such token"),
        ("android.allow_backup = False", "android.allow_backup = True", "wanted: False"),
        ("android.api = 36", "android.api = 35", "shops take 36 and more"),
        ("android.ndk_api = 24", "android.ndk_api = 21", "both are 24"),
        ("android.ndk = 28c", "android.ndk = 25b", "wanted: 28c"),
        ("INTERNET,", "INTERNET, READ_CONTACTS,", "READ_CONTACTS: nobody said why"),
        (", POST_NOTIFICATIONS", "", "POST_NOTIFICATIONS is missing"),
        ("p4a.branch = v2026.05.09", "p4a.branch = develop", "no tag of a release"),
        ("v2026.05.09", "v2024.01.21", "what is checked here is 2026.5.9"),
        ("dag_cbor==", "dag-cbor==", "write dag_cbor, or its version is not kept"),
        ("base58==", "Base58==", "write base58"),
        ("    cffi,", "    cffi,\n    cffi,", "cffi is named twice"),
        (":1.28.0", ":1.29.0", "onnxruntime-android:1.28.0"),
        (":foregroundServiceType=dataSync", "", "foregroundServiceType=dataSync"),
    ],
)
def test_a_fault_is_found_and_said(bare: Project, old: str, new: str, said: str) -> None:
    _edit(bare, old, new)
    found = spec.check(bare)
    assert not found.ok
    assert said in found.said
    assert "buildozer.spec" in found.todo


def test_a_missing_spec_is_a_finding(bare: Project) -> None:
    bare.spec.unlink()
    assert "cannot be read" in spec.check(bare).said


def test_the_environment_changes_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("APP_ANDROID_API", "30")
    assert spec.read(project.here().spec).said("android.api") == "36"


def test_requirements_keep_their_versions() -> None:
    pinned = {r.name: r.version for r in spec.read(project.here().spec).requirements}
    assert pinned["libp2p"] == "0.8.1"
    assert pinned["numpy"] == ""  # in the recipe's version
