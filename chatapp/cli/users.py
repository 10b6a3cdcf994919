"""`flask users`: the accounts of this install, for whoever runs it."""

import secrets

import click
from flask.cli import AppGroup

from chatapp.cli.asking import explained
from chatapp.domain import operators

users = AppGroup("users", help="List people, and let them in or keep them out.")


@users.command("list")
@explained
def list_users() -> None:
    """Everybody with an account: name, role, whether open, last seen where still signed in."""
    people = operators.everybody()
    if not people:
        click.echo("Nobody yet. Open the site to make the first account, or run `flask seed`.")
        return
    width = max(len(person.user_name) for person in people)
    for person in people:
        seen = f"{person.seen_at:%Y-%m-%d}" if person.seen_at else "signed out"
        state = person.role if person.status == "active" else person.status
        columns = (f"{person.user_name:<{width}}", f"{state:<11}", f"{seen:<10}")
        click.echo("  ".join((*columns, person.display_name)))


@users.command("make-admin")
@click.argument("user_name")
@explained
def make_admin(user_name: str) -> None:
    """Give USER_NAME an admin's rights."""
    operators.make_admin(user_name)
    click.echo(f"{user_name} is an admin now.")


@users.command("reset-password")
@click.argument("user_name")
@click.option(
    "--password",
    prompt=True,
    prompt_required=False,
    hide_input=True,
    confirmation_prompt=True,
    help="Asked for where nothing follows (`ps` shows what does); a random one without it.",
)
@explained
def reset_password(user_name: str, password: str | None) -> None:
    """Give USER_NAME a new password and sign them out everywhere."""
    chosen = password or secrets.token_urlsafe(12)
    operators.reset_password(user_name, chosen)
    done = f"{user_name} is signed out everywhere."
    click.echo(done if password else f"{done} The new password:\n{chosen}")


@users.command("deactivate")
@click.argument("user_name")
@explained
def deactivate(user_name: str) -> None:
    """Close USER_NAME's account and sign them out everywhere. What they said stays."""
    operators.deactivate(user_name)
    click.echo(f"{user_name} can't sign in any more. An admin can undo this on the people page.")
