"""The whole of the API in one list of routes."""

from collections.abc import Callable

from p2p.control import acting, events, health, keeping, looking, network, static
from p2p.control.device import Device
from p2p.control.routing import Route
from web3rec.recommender import Recommender


def table(
    rec: Recommender,
    device: Device,
    *,
    page: bool,
    stop: Callable[[], None] | None,
    exposition: Callable[[], bytes] | None,
) -> list[Route]:
    """Every method of every path; `exposition` gives the metrics, None where they are off."""
    return [
        *looking.routes(rec, device),
        *acting.routes(rec),
        *keeping.routes(rec),
        *network.routes(device, stop),
        *events.routes(),
        *health.routes(rec, device, exposition),
        *static.routes(page=page),
    ]
