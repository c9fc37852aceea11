"""The status page and the OpenAPI file: a few files of this package, and nothing else."""

from importlib.resources import files
from typing import Final

from p2p.control.access import Scope
from p2p.control.messages import Action, Answer
from p2p.control.routing import Asked, Handler, Route

POLICY: Final = (
    "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; img-src 'self'; "
    "base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
)
"""No inline script or style, nothing from elsewhere, not inside a frame."""
PAGE: Final = {
    "/": ("index.html", "text/html; charset=utf-8"),
    "/page/app.js": ("app.js", "text/javascript; charset=utf-8"),
    "/page/style.css": ("style.css", "text/css; charset=utf-8"),
    "/page/icon.svg": ("icon.svg", "image/svg+xml"),
}


def routes(*, page: bool) -> list[Route]:
    """The page, if wanted, needs no token: it holds nothing, and asks for one."""
    found = [
        Route(
            method="GET",
            path="/v1/openapi.json",
            needs=Scope.OPEN,
            handler=_file("openapi.json", "application/json"),
            inline=True,
        )
    ]
    if page:
        found += [
            Route(
                method="GET",
                path=path,
                needs=Scope.OPEN,
                handler=_file(f"page/{name}", kind),
                inline=True,
            )
            for path, (name, kind) in PAGE.items()
        ]
    return found


def _file(name: str, kind: str) -> Handler:
    """Read once, at the first asking."""
    kept: list[bytes] = []

    def act() -> Answer:
        if not kept:
            kept.append((files("p2p.control") / name).read_bytes())
        headers = {"Content-Security-Policy": POLICY, "Cross-Origin-Opener-Policy": "same-origin"}
        return Answer(200, kept[0], kind, headers)

    def handler(_asked: Asked) -> Action:
        return act

    return handler
