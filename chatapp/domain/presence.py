"""Who is online, as the processes tell each other through the database.

Each process writes what it knows of the people with sockets there, only what changed, with a
version; and a beat that others watch by their own clocks. Reading costs one small query while
nothing changes.
"""

import sys
from collections.abc import Iterable, Iterator, Mapping, Sequence

from sqlalchemy import Executable, Table, delete, insert, select, update
from sqlalchemy.dialects import postgresql, sqlite

from chatapp.domain.paging import pages
from chatapp.domain.transaction import transaction
from chatapp.extensions import db
from chatapp.models import tables
from chatapp.models.columns import AnyRow

# So many changes are read in some 2 ms.
CHANGES_A_PAGE = 1000
# Who is online can wait for the next second; whoever posts meanwhile should not.
PATIENCE_SECONDS = 0.5

_INSERT = {"sqlite": sqlite.insert, "postgresql": postgresql.insert}


def beat(process_id: str, count: int, version: int, states: Mapping[int, str]) -> bool:
    """Note that this process lives, and these people's states there, as of that version.

    False, and nothing is noted, where the process has been forgotten since its first beat.
    """
    with transaction(PATIENCE_SECONDS) as session:
        process = {"id": process_id, "beat": count, "version": version}
        columns = tables.processes.c
        known = update(tables.processes).where(columns.id == process_id).returning(columns.id)
        if count == 1:
            session.execute(insert(tables.processes), process)
        elif session.execute(known.values(beat=count, version=version)).first() is None:
            return False
        rows = [
            {"process_id": process_id, "user_id": user_id, "state": state, "version": version}
            for user_id, state in states.items()
        ]
        if rows:
            # One short statement for each: one long one for all takes longer to put together.
            keys = ["process_id", "user_id"]
            session.execute(_upsert(tables.presences, keys, ["state", "version"]), rows)
    return True


def processes() -> Iterable[AnyRow]:
    """`id`, `beat` and `version` of every process that has left a row."""
    return db.session.execute(select(tables.processes)).all()


def changes_in(process_id: str, version: int) -> Iterator[Sequence[AnyRow]]:
    """`user_id`, `state` and `version` of what that process wrote after that version, in pages."""
    columns = tables.presences.c
    statement = select(columns.user_id, columns.state, columns.version)
    place, after = [columns.version, columns.user_id], [version, sys.maxsize]
    return pages(statement.where(columns.process_id == process_id), place, after, CHANGES_A_PAGE)


def forget(process_id: str, count: int) -> None:
    """Remove a process that is no more, and what it knew, unless it has beaten since that count."""
    columns = tables.processes.c
    dead = columns.id == process_id, columns.beat == count
    with transaction(PATIENCE_SECONDS) as session:
        # Held first, as the process itself does when it beats.
        if session.execute(select(columns.id).where(*dead).with_for_update()).first():
            known = tables.presences.c.process_id == process_id
            session.execute(delete(tables.presences).where(known))
            session.execute(delete(tables.processes).where(*dead))


def _upsert(table: Table, keys: list[str], changed: list[str]) -> Executable:
    statement = _INSERT[db.engine.dialect.name](table)
    values = {name: statement.excluded[name] for name in changed}
    return statement.on_conflict_do_update(index_elements=keys, set_=values)
