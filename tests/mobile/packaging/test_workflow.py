"""The build that nobody here can run says so, and agrees with the spec."""

from mobile.packaging import project, spec

WORKFLOW = project.here().root / ".github" / "workflows" / "android.yml"


def test_it_says_first_that_it_was_not_run() -> None:
    text = WORKFLOW.read_text()
    assert text.startswith("# Not run here.")
    assert "\nname: Android package (not run here)\n" in text


def test_it_starts_what_the_spec_packs() -> None:
    text, said = WORKFLOW.read_text(), spec.read(project.here().spec).said
    package = f"{said('package.domain')}.{said('package.name')}"
    assert f"{package}/org.kivy.android.PythonActivity" in text
    assert f"api: [{said('android.minapi')}, {said('android.api')}]" in text
    assert said("android.accept_sdk_license") == "False"
    assert 'APP_ANDROID_ACCEPT_SDK_LICENSE: "True"' in text
