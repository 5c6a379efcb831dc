"""The job database of an installation, and the stores in it that are opened by themselves."""

from __future__ import annotations

from contextlib import contextmanager
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Generator

    from eigen.config import Settings
    from eigen.qfs.db import Database
    from eigen.qfs.store import AuditLog, KeyStore, ResultCache

DATABASE = "eigen.db"


def open_database(settings: Settings) -> Database:
    """The job database of the settings, brought to the newest schema: a PostgreSQL when they name one, else the file
    in the data directory. Raises EIGEN_CONFIG_INVALID, EIGEN_NOT_AVAILABLE, EIGEN_STORE_UNAVAILABLE."""
    if settings.database_url:
        from eigen.qfs.postgres import PostgresDatabase

        return PostgresDatabase(settings.database_url)
    from eigen.qfs.sqlite import SqliteDatabase

    return SqliteDatabase(settings.data_dir / DATABASE)


def check_database(settings: Settings) -> tuple[str, list[str]]:
    """Which job database it is, in a line, and what its check complains about; nothing when all is well."""
    database = open_database(settings)
    try:
        return database.describe(), database.check()
    finally:
        database.close()


@contextmanager
def open_identity(settings: Settings) -> Generator[tuple[KeyStore, AuditLog]]:
    """The API keys and the audit log of the job database; EIGEN_STORE_UNAVAILABLE."""
    from eigen.qfs.audit import SqlAuditLog
    from eigen.qfs.keys import SqlKeyStore

    database = open_database(settings)
    try:
        yield SqlKeyStore(database), SqlAuditLog(database)
    finally:
        database.close()


def open_cache(settings: Settings, database: Database) -> ResultCache | None:
    """The results that are found again; None where there is no room for any."""
    if not settings.result_cache_bytes:
        return None
    from eigen.qfs.result_cache import SqlResultCache

    return SqlResultCache(database, settings.result_cache_bytes)


@contextmanager
def look_into_cache(settings: Settings) -> Generator[ResultCache]:
    """The results in the job database, whether any are kept now or not; EIGEN_STORE_UNAVAILABLE."""
    from eigen.qfs.result_cache import SqlResultCache

    database = open_database(settings)
    try:
        yield SqlResultCache(database, settings.result_cache_bytes)
    finally:
        database.close()
