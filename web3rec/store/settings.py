"""Settings are rows of a name and a value; reading them is in `reading`."""

import sqlite3


def save(sql: sqlite3.Connection, name: str, value: object) -> None:
    """Keep a setting; call inside a transaction."""
    sql.execute(
        "INSERT INTO settings (name, value) VALUES (?, ?) "
        "ON CONFLICT (name) DO UPDATE SET value = excluded.value",
        (name, value),
    )
