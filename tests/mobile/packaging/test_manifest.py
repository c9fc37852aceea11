"""The manifest: rendered by the tools, then held against what the documents promise."""

import pytest

from mobile.packaging import manifest, spec
from mobile.packaging.project import Project
from mobile.packaging.rendering import NotRenderedError, Rendered, rendered
from tests.mobile.packaging.pictured import picture

GOOD = """<?xml version="1.0" encoding="utf-8"?>
<manifest xmlns:android="http://schemas.android.com/apk/res/android">
    <uses-sdk android:minSdkVersion="24" android:targetSdkVersion="36" />
    <uses-permission android:name="android.permission.INTERNET" />
    <uses-permission android:name="android.permission.ACCESS_NETWORK_STATE" />
    <uses-permission android:name="android.permission.FOREGROUND_SERVICE" />
    <uses-permission android:name="android.permission.FOREGROUND_SERVICE_DATA_SYNC" />
    <uses-permission android:name="android.permission.POST_NOTIFICATIONS" />
    <application android:allowBackup="false" android:enableOnBackInvokedCallback="false"
                 android:dataExtractionRules="@xml/rules">
        <activity android:name="org.kivy.android.PythonActivity" android:exported="true">
            <intent-filter />
        </activity>
        <service android:name="org.web3rec.web3rec.ServiceSync"
                 android:foregroundServiceType="dataSync" android:process=":service_Sync" />
    </application>
</manifest>
"""
RULES = frozenset({"xml/rules.xml"})
JAVA = """
        intent.putExtra("serviceEntrypoint", "service.py");
        intent.putExtra("serviceStartAsForeground", "true");
"""


def test_a_good_manifest_has_no_faults() -> None:
    assert manifest.faults(GOOD, RULES) == []


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ('targetSdkVersion="36"', 'targetSdkVersion="34"', "target SDK is 34"),
        ('minSdkVersion="24"', 'minSdkVersion="21"', "least SDK is 21"),
        ("permission.INTERNET", "permission.CAMERA", "CAMERA; nobody said why"),
        ("permission.INTERNET", "permission.CAMERA", "does not ask for android.permission.INTERN"),
        ('allowBackup="false"', 'allowBackup="true"', "copy a private profile"),
        ('android:dataExtractionRules="@xml/rules"', "", "a new phone would get a copy"),
        ("@xml/rules", "@xml/other", "not among the resources"),
        ('Callback="false"', 'Callback="true"', "hear no back key"),
        (' android:exported="true"', "", "does not say if it is exported"),
        ('"org.kivy.android.PythonActivity"', '"x.Other"', "any app could start it"),
        ('"org.kivy.android.PythonActivity"', '"x.Other"', "there is no activity org.kivy"),
        ('android:foregroundServiceType="dataSync"', "", "has no foregroundServiceType"),
        ('Type="dataSync"', 'Type="mediaPlayback"', "FOREGROUND_SERVICE_MEDIA_PLAYBACK is missing"),
        ('Type="dataSync"', 'Type="mediaPlayback"', "DATA_SYNC, and no service is of that type"),
        ('process=":service_Sync"', 'process="sync"', "no process of its own"),
        ("</application>", '<receiver android:name="R" /></application>', "receiver R: we have"),
        ("</application>", "", "no XML"),
    ],
)
def test_a_planted_fault_is_found(old: str, new: str, said: str) -> None:
    assert old in GOOD
    assert any(said in fault for fault in manifest.faults(GOOD.replace(old, new), RULES))


@pytest.mark.parametrize(
    ("java", "said"),
    [
        ({}, "wrote no ServiceSync.java"),
        ({"org.web3rec.web3rec.ServiceSync": JAVA.replace("service.py", "s.py")}, "service.py is"),
        ({"org.web3rec.web3rec.ServiceSync": JAVA.replace("true", "false")}, "in the foreground"),
        ({"org.web3rec.web3rec.ServiceSync": JAVA + "START_STICKY"}, "come back"),
    ],
)
def test_a_service_that_would_not_run_is_found(
    small: Project, java: dict[str, str], said: str
) -> None:
    found = manifest.about_services(java, spec.read(small.spec), small.staged)
    assert any(said in fault for fault in found)


def test_a_service_that_runs_has_no_faults(small: Project) -> None:
    java = {"org.web3rec.web3rec.ServiceSync": JAVA}
    assert manifest.about_services(java, spec.read(small.spec), small.staged) == []
    (small.staged / "mobile" / "platform_" / "android.py").write_text('SERVICE = "org.x.Sync"\n')
    found = manifest.about_services(java, spec.read(small.spec), small.staged)
    assert any("starts another class" in fault for fault in found)


def test_what_is_not_packed_is_found(small: Project) -> None:
    made = Rendered(
        manifest="",
        gradle="",
        services={},
        resources=frozenset(),
        packed=frozenset({"main.py", "more.so"}),
        size=0,
    )
    said = "\n".join(manifest.about_the_rest(made, small.staged))
    assert "service.py is staged and not packed" in said
    assert "more.so is packed and not staged" in said
    assert "onnxruntime-android:1.28.0" in said
    assert "res/mipmap/icon.png is missing" in said


@pytest.fixture
def pictured(small: Project) -> Project:
    """With pictures, whatever they show."""
    for name in ("icon", "icon_foreground", "icon_background", "presplash"):
        picture(small.mobile / "assets" / f"{name}.png", 512)
    return small


@pytest.mark.slow
def test_the_tools_render_a_project_without_a_fault(pictured: Project) -> None:
    found = manifest.check(pictured)
    assert found.ok, found.said
    made = rendered(pictured)
    assert 'android:process=":service_Sync"' in made.manifest
    assert "compileSdkVersion 36" in made.gradle
    assert "main.py" in made.packed


@pytest.mark.slow
@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ("android.allow_backup = False", "android.allow_backup = True", "allowBackup"),
        ("orientation = all", "orientation = sideways", "buildozer:"),
        ("Sync:service.py:foreground:", "Sync:service.py:", "in the foreground"),
        ("source.include_exts = py,", "source.include_exts = ", "No main.py"),
    ],
)
def test_a_fault_in_the_spec_is_found_in_what_is_rendered(
    pictured: Project, old: str, new: str, said: str
) -> None:
    text = pictured.spec.read_text()
    assert old in text
    pictured.spec.write_text(text.replace(old, new))
    found = manifest.check(pictured)
    assert not found.ok
    assert said in found.said


@pytest.mark.slow
def test_a_staged_file_that_the_tools_would_drop_is_found(pictured: Project) -> None:
    (pictured.staged / "mobile" / "data.parquet").write_text("x")
    assert "mobile/data.parquet is staged and not packed" in manifest.check(pictured).said


@pytest.mark.slow
def test_no_staged_tree_is_said(pictured: Project) -> None:
    (pictured.staged / "main.py").unlink()
    with pytest.raises(NotRenderedError, match=r"main\.py"):
        rendered(pictured)
