"""`flask backup` and `flask restore`: the whole workspace as one file, and back."""

import signal
import sys
from collections.abc import Generator
from contextlib import contextmanager
from pathlib import Path

import click
from flask.cli import with_appcontext

from chatapp.cli.asking import explained
from chatapp.domain import backups
from chatapp.domain.backups import Contents, Progress


@click.command()
@click.argument("file", type=click.Path(dir_okay=False, path_type=Path))
@click.option("--replace", is_flag=True, help="Take the place of a file that exists.")
@with_appcontext
@explained
def backup(file: Path, replace: bool) -> None:
    """Write everything to FILE, while the server runs."""
    _leave_nothing_behind()
    with _bar("Backup ") as progress:
        contents = backups.write(file, progress, replace=replace)
    size = file.stat().st_size / 2**20
    click.echo(f"{file} holds {_told(contents)} ({size:,.1f} MiB).")


@click.command()
@click.argument("file", type=click.Path(dir_okay=False, path_type=Path))
@with_appcontext
@explained
def restore(file: Path) -> None:
    """Put the backup in FILE in place of the data. Stop the server first."""
    _leave_nothing_behind()
    with _bar("Restore") as progress:
        restored = backups.restore(file, progress)
    click.echo(f"Restored: {_told(restored.contents)}.")
    if restored.kept:
        click.echo(f"What was there before is kept in {restored.kept}; remove it when all is well.")


def _leave_nothing_behind() -> None:
    """A copy that is not finished goes, too, when the command is ended, or its terminal closed."""
    for ended in (signal.SIGTERM, signal.SIGHUP):
        # Who has asked that it goes on without a terminal (`nohup`) is not ended by one.
        if signal.getsignal(ended) != signal.SIG_IGN:
            signal.signal(ended, lambda number, _: sys.exit(128 + number))


@contextmanager
def _bar(label: str) -> Generator[Progress]:
    with click.progressbar(length=1, label=label) as bar:

        def show(done: int, total: int) -> None:
            bar.length = total
            bar.update(done - bar.pos)

        yield show
        bar.update((bar.length or 1) - bar.pos)


def _told(contents: Contents) -> str:
    people, rooms, messages = contents
    return f"{people:,} people, {rooms:,} rooms and {messages:,} messages"
