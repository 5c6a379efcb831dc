"""Lead a job database to the newest schema with Alembic. Imported only when there is something to do."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from alembic.config import Config
from alembic.runtime.environment import EnvironmentContext
from alembic.script import ScriptDirectory
from alembic.util import CommandError

from eigen.errors import EigenError
from eigen.qfs import schema

if TYPE_CHECKING:
    from typing import Any

    from sqlalchemy import Connection


def upgrade(connection: Connection, revision: str | None, target: str = "head") -> None:
    """Run the migrations from `revision` (None: an empty database) to `target` in the transaction of `connection`.

    A revision we do not know is of a newer Eigen OS: EIGEN_STORE_UNAVAILABLE, and nothing is touched.
    """
    config = Config()
    config.set_main_option("script_location", str(Path(__file__).parent / "migrations"))
    scripts = ScriptDirectory.from_config(config)
    known = {script.revision for script in scripts.walk_revisions()}
    if revision is not None and revision not in known:
        raise EigenError(
            "EIGEN_STORE_UNAVAILABLE",
            f"the job database has schema `{revision}`, this version of Eigen OS knows `{schema.REVISION}` at most",
            hint="use the newer Eigen OS that wrote it, or another data directory",
        )

    def steps(current: Any, _context: Any) -> Any:
        try:
            return scripts._upgrade_revs(target, current)  # pyright: ignore[reportPrivateUsage]
        except CommandError as error:
            raise EigenError("EIGEN_STORE_UNAVAILABLE", f"the job database cannot be migrated: {error}") from error

    with EnvironmentContext(config, scripts, fn=steps) as environment:
        environment.configure(connection=connection, target_metadata=schema.metadata, render_as_batch=True)
        environment.run_migrations()
