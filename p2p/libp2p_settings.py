"""libp2p's settings as we run it, each set explicitly: its defaults lose messages or keep names."""

from libp2p.network.config import ConnectionConfig
from libp2p.rcmgr.manager import ResourceLimits, ResourceManager

from p2p.libp2p_gossip import MESHSUB, Router


def connection_config() -> ConnectionConfig:
    """A phone's worth of connections; a frozen peer is found out in half a minute.

    A shorter `ping_timeout` cuts off peers that are merely busy: checking the signatures of a
    burst takes seconds on a loaded device.
    """
    return ConnectionConfig(
        max_connections=64,
        high_watermark=32,
        low_watermark=8,
        min_connections=4,
        max_connections_per_peer=2,
        enable_health_monitoring=True,
        abort_connection_on_ping_failure=True,
        health_check_interval=15,
        ping_timeout=15,
        health_initial_delay=10,
        unhealthy_grace_period=1,
    )


def resource_manager() -> ResourceManager:
    """Counts connections and streams; its per-peer tables would keep every stranger's name."""
    return ResourceManager(
        ResourceLimits(max_connections=128, max_memory_mb=64, max_streams=1_024),
        enable_metrics=False,
        enable_memory_limits=False,
        enable_circuit_breaker=False,
        enable_graceful_degradation=False,
        enable_rate_limiting=False,
    )


def router() -> Router:
    return Router(
        [MESHSUB],
        degree=6,
        degree_low=4,
        degree_high=12,
        gossip_window=3,
        gossip_history=5,
        heartbeat_initial_delay=0.1,
        heartbeat_interval=1,
        do_px=False,
        adaptive_gossip_enabled=False,
        spam_protection_enabled=False,
        eclipse_protection_enabled=False,
    )
