"""What the rendered Android project says, held against what docs/android.md promises.

Texts in, faults out: the tools that write them are run by `rendering`.
"""

import re
import xml.etree.ElementTree as ET
from collections.abc import Iterator
from pathlib import Path
from typing import Final

from mobile.packaging import spec as spec_file
from mobile.packaging.finding import Finding, outcome
from mobile.packaging.project import Project
from mobile.packaging.rendering import NotRenderedError, Rendered, rendered
from mobile.packaging.spec import LEAST_API, MIN_API, PERMISSIONS, WANTED

ANDROID: Final = "{http://schemas.android.com/apk/res/android}"
LAUNCHER: Final = "org.kivy.android.PythonActivity"
ADDED: Final = frozenset({"p4a_env_vars.txt", "sitecustomize.py"})
"""What the tools put beside ours into private.tar."""
COMPONENTS: Final = ("activity", "activity-alias", "service", "receiver", "provider")


def _said(element: ET.Element | None, name: str) -> str:
    return "" if element is None else element.get(f"{ANDROID}{name}", "")


def _permission(kind: str) -> str:
    """What Android 14 wants for a type of foreground service: DATA_SYNC for dataSync."""
    snake = re.sub(r"(?<=[a-z])(?=[A-Z])", "_", kind).upper()
    return f"android.permission.FOREGROUND_SERVICE_{snake}"


def faults(text: str, resources: frozenset[str]) -> list[str]:
    """All that is wrong with a manifest, given the files under res/."""
    try:
        root = ET.fromstring(text)  # noqa: S314 - python-for-android wrote it, a moment ago
    except ET.ParseError as error:
        return [f"the manifest is no XML: {error}"]
    application = root.find("application")
    if application is None:
        return ["the manifest has no application"]
    asked = {_said(element, "name") for element in root.findall("uses-permission")}
    return [
        *_sdk(root),
        *_asked(asked),
        *_privacy(application, resources),
        *_components(application),
        *_services(application, asked),
    ]


def _sdk(root: ET.Element) -> Iterator[str]:
    sdk = root.find("uses-sdk")
    target, least = _said(sdk, "targetSdkVersion"), _said(sdk, "minSdkVersion")
    if not target.isdigit() or int(target) < LEAST_API:
        yield f"target SDK is {target or 'not said'}; shops take {LEAST_API} and more"
    if least != str(MIN_API):
        yield f"least SDK is {least or 'not said'}; wanted: {MIN_API}"


def _asked(asked: set[str]) -> Iterator[str]:
    allowed = {f"android.permission.{name}" for name in PERMISSIONS}
    for name in sorted(asked - allowed):
        yield f"asks for {name}; nobody said why"
    for name in sorted(allowed - asked):
        yield f"does not ask for {name}"


def _privacy(application: ET.Element, resources: frozenset[str]) -> Iterator[str]:
    if _said(application, "allowBackup") != "false":
        yield "allowBackup is not false: Android would copy a private profile into a cloud"
    rules = _said(application, "dataExtractionRules")
    if not rules:
        yield "dataExtractionRules is not said: from Android 12 on, a new phone would get a copy"
    elif f"{rules.removeprefix('@')}.xml" not in resources:
        yield f"dataExtractionRules names {rules}, which is not among the resources"
    if _said(application, "enableOnBackInvokedCallback") != "false":
        yield "enableOnBackInvokedCallback is not false: from SDK 36 on, SDL would hear no back key"


def _components(application: ET.Element) -> Iterator[str]:
    for element in application:
        if element.tag not in COMPONENTS:
            continue
        name, exported = _said(element, "name"), _said(element, "exported")
        if element.find("intent-filter") is not None and not exported:
            yield f"{element.tag} {name} has an intent filter and does not say if it is exported"
        if exported == "true" and name != LAUNCHER:
            yield f"{element.tag} {name} is exported: any app could start it"
        if element.tag in {"receiver", "provider", "activity-alias"}:
            yield f"{element.tag} {name}: we have none"
    if not any(_said(e, "name") == LAUNCHER for e in application.findall("activity")):
        yield f"there is no activity {LAUNCHER}"


def _services(application: ET.Element, asked: set[str]) -> Iterator[str]:
    services = application.findall("service")
    if not services:
        yield "there is no service"
    kinds = set()
    for service in services:
        name, said = _said(service, "name"), _said(service, "foregroundServiceType")
        if not said:
            yield f"service {name} has no foregroundServiceType: Android 14 stops it when it starts"
        for kind in said.split("|") if said else ():
            kinds.add(_permission(kind))
            if _permission(kind) not in asked:
                yield f"service {name} is of type {kind}; {_permission(kind)} is missing"
        if not _said(service, "process").startswith(":"):
            yield f"service {name} has no process of its own"
    for name in sorted(asked):
        if name.startswith("android.permission.FOREGROUND_SERVICE_") and name not in kinds:
            yield f"asks for {name}, and no service is of that type"


def about_services(services: dict[str, str], spec: spec_file.Spec, staged: Path) -> list[str]:
    """Whether each service of the spec has its class, starts what is staged, and stays in front."""
    found = []
    package = f"{spec.said('package.domain')}.{spec.said('package.name')}"
    for entry in spec.listed("services"):
        name, script, *options = entry.split(":")
        java = services.get(f"{package}.Service{name}", "")
        if not java:
            found.append(f"service {name}: python-for-android wrote no Service{name}.java")
            continue
        if f'"serviceEntrypoint", "{script}"' not in java or not (staged / script).is_file():
            found.append(f"service {name}: {script} is not what it starts, or not staged")
        foreground = str("foreground" in options).lower()
        if f'"serviceStartAsForeground", "{foreground}"' not in java or foreground != "true":
            found.append(f"service {name} does not start in the foreground: Android 8 would end it")
        known = staged / "mobile" / "platform_" / "android.py"
        if not known.is_file() or f'"{package}.Service{name}"' not in known.read_text("utf-8"):
            found.append(f"service {name}: mobile/platform_/android.py starts another class")
        if "START_STICKY" in java:
            found.append(f"service {name} is sticky: it would come back after ending itself")
    return found


def about_the_rest(project: Rendered, staged: Path) -> list[str]:
    """What is packed, and what Gradle is told."""
    ours = {p.relative_to(staged).as_posix() for p in staged.rglob("*") if p.is_file()}
    found = [f"{name} is staged and not packed" for name in sorted(ours - project.packed)]
    found += [f"{name} is packed and not staged" for name in sorted(project.packed - ours - ADDED)]
    runtime = WANTED["android.gradle_dependencies"]
    if f"implementation '{runtime}'" not in project.gradle:
        found.append(f"build.gradle does not ask for {runtime}")
    found += [
        f"res/{name} is missing"
        for name in ("mipmap/icon.png", "mipmap-anydpi-v26/icon.xml", "drawable/presplash.jpg")
        if name not in project.resources
    ]
    return found


def check(project: Project) -> Finding:
    """Rendered by the tools themselves, then looked at."""
    todo = "mend mobile/buildozer.spec or what it names under mobile/android"
    spec = spec_file.read(project.spec)
    try:
        made = rendered(project)
    except NotRenderedError as error:
        return Finding(check="manifest", said=str(error), todo=todo)
    return outcome(
        "manifest",
        [
            *faults(made.manifest, made.resources),
            *about_services(made.services, spec, project.staged),
            *about_the_rest(made, project.staged),
        ],
        said=f"rendered by python-for-android: target SDK {spec.said('android.api')}, no backup "
        "and no transfer, one exported component, service of type dataSync with its permission; "
        f"{len(made.packed)} files packed, {made.size // 1000} kB",
        todo=todo,
    )
