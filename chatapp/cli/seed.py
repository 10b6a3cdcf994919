"""`flask seed`: a lively demonstration in an empty workspace."""

import random
import secrets
from collections.abc import Mapping

import click
from flask.cli import with_appcontext

from chatapp.cli.asking import explained
from chatapp.cli.demonstration import history
from chatapp.cli.demonstration.people import ADMIN, PEOPLE, WORKSPACE
from chatapp.cli.demonstration.rooms import ROOMS
from chatapp.domain import first_run, imports, rooms, workspace
from chatapp.domain.accounts import NewAccount
from chatapp.domain.sidebar import sidebar_of
from chatapp.models import User
from chatapp.models.columns import now

# So many messages share a transaction: others who write wait for one of these at most.
CHUNK = 100
# How far a person is behind in a room, unless they have said something since.
BEHIND = (0, 0, 0, 2, 4, 5, 9, 13, 24, 40)


@click.command("seed")
@click.option("--password", help="For everybody; a random one otherwise.")
@click.option("--seed", default=1, show_default=True, help="Another number, another history.")
@with_appcontext
@explained
def seed(password: str | None, seed: int) -> None:
    """Fill an empty workspace with 20 people, 8 rooms and 2,000 messages."""
    _require_empty()
    password = password or secrets.token_urlsafe(9)
    # First: whoever ends it before its end is not locked out of what is there by then.
    click.echo(f"Sign in as   {ADMIN} (an admin)\nPassword     {password}\n")
    # The same seed makes the same talk; nothing secret comes of it.
    rng = random.Random(seed)  # noqa: S311
    users = _people(password)
    ids = {name: user.id for name, user in users.items()}
    room_ids = _rooms(users)
    _talk(room_ids, ids, rng)
    _read(room_ids, ids, rng)
    _tell(password)


def _require_empty() -> None:
    if workspace.current():
        raise click.ClickException(
            "There is a workspace already, and the demonstration only goes into an empty one.\n"
            "If nobody knows a password of it: `flask users list`, then"
            " `flask users reset-password NAME`.\n"
            "Else point INSTANCE_PATH (or DATABASE_URL) to a new place, run `flask db upgrade`,"
            " then `flask seed`."
        )


def _people(password: str) -> dict[str, User]:
    accounts = [NewAccount(name, shown, password) for name, shown in PEOPLE.items()]
    admin = first_run.open_workspace(WORKSPACE, ROOMS[0].name, accounts[0])
    with click.progressbar(accounts[1:], label="People  ") as bar:
        others = imports.add_people(bar)
    return {user.user_name: user for user in (admin, *others)}


def _rooms(users: Mapping[str, User]) -> dict[str, int]:
    """Open the rooms with their members; returns ids by name. The first run made the first one."""
    admin = users[ADMIN]
    ids = {ROOMS[0].name: sidebar_of(admin.id).rooms[0].id}
    for plan in ROOMS:
        if plan.name not in ids:
            ids[plan.name] = rooms.create(admin, plan.name, plan.topic, plan.kind)
        imports.add_members(ids[plan.name], [users[name].id for name in plan.members])
    return ids


def _talk(room_ids: Mapping[str, int], ids: Mapping[str, int], rng: random.Random) -> None:
    until = now()
    said = [
        message
        for plan in ROOMS
        for message in history.of_room(plan, room_ids[plan.name], ids, until, rng)
    ]
    # Ids are given in this order, and search shows the newest first by id.
    said.sort(key=lambda message: message.posted_at)
    with click.progressbar(length=len(said), label="Messages") as bar:
        for start in range(0, len(said), CHUNK):
            imports.add_messages(said[start : start + CHUNK])
            bar.update(len(said[start : start + CHUNK]))


def _read(room_ids: Mapping[str, int], ids: Mapping[str, int], rng: random.Random) -> None:
    for plan in ROOMS:
        numbers = {ids[name]: plan.messages - rng.choice(BEHIND) for name in plan.members}
        imports.mark_read(room_ids[plan.name], numbers)


def _tell(password: str) -> None:
    count = sum(plan.messages for plan in ROOMS)
    others = ", ".join(name for name in PEOPLE if name != ADMIN)
    click.echo(f"\n{len(PEOPLE)} people, {len(ROOMS)} rooms, {count:,} messages.\n")
    click.echo(f"Sign in as   {ADMIN} (an admin)\nor as        {others}")
    click.echo(f"Password     {password}")
