"""The tables of docs/scaling.md: what things cost, and what a workspace of each size needs.

python -m benchmarks.scaling
"""

from benchmarks.report import put
from benchmarks.simulation import (
    CHANGES_EACH_HOUR,
    HEAD_BYTES,
    HINT_US,
    LARGEST_AS_IT_IS,
    PAGE_BYTES,
    QUESTIONS_A_LOOK,
    ROWS_A_POST,
    SIZES,
    Costs,
    Team,
    Workspace,
)


def main() -> None:
    """Print the tables of docs/scaling.md, and put them there."""
    costs = Costs.measured()
    teams = [team for people in SIZES for team in _teams(Workspace(people), costs)]
    tables = {
        "What a thing costs": _units(costs),
        "What happens in a second": [_happens(team) for team in teams],
        "What each size needs: workers and bandwidth": [_workers(team) for team in teams],
        "What each size needs: PostgreSQL and Redis, in a second": [
            _behind(team) for team in teams
        ],
    }
    text = "\n".join(f"\n### {title}\n\n{_table(rows)}" for title, rows in tables.items()) + "\n\n"
    print(text)
    put("scaling.md", text)


def _teams(workspace: Workspace, costs: Costs) -> list[Team]:
    second = workspace.run()
    mended = (False, True) if workspace.people > LARGEST_AS_IT_IS else (False,)
    return [Team.for_(workspace, costs, second, mended=one) for one in mended]


def _units(costs: Costs) -> list[dict[str, str]]:
    told = costs.frame_us * 3600 / CHANGES_EACH_HOUR
    rows = (
        ("a connection", f"{costs.idle_us:.1f} us a second", f"{costs.socket_bytes / 1000:.1f} KB"),
        ("an opening", f"{costs.open_us:,.0f} us", "1 question; a welcome out"),
        ("a frame that leaves alone", f"{costs.frame_us:.1f} us", f"{HEAD_BYTES} bytes, a head"),
        (
            "a delivery, several in a write, its part of the post with it",
            f"{costs.delivery_us:.1f} us",
            f"{costs.delivery_bytes:,.0f} bytes out",
        ),
        (
            "a presence change, computed",
            f"{told:,.0f} us: its part of a frame to everybody",
            "1 row written, read by each other worker; an id out to everybody",
        ),
        ("a post", f"{costs.post_us:,.0f} us", f"{ROWS_A_POST} rows written, 2 questions"),
        ("a room page", f"{costs.page_us:,.0f} us", f"{PAGE_BYTES / 1000:.0f} KB out, 3 questions"),
        ("a read mark", f"{costs.mark_us:,.0f} us", "1 row written, 2 questions"),
        ("a look at presence, as a catch-up", f"{costs.small_us:,.0f} us", "3 questions"),
        ("a worker without anybody", "-", f"{costs.worker_bytes / 1e6:.0f} MB"),
        ("a hint", f"{HINT_US} us to tell, and in each worker to hear", "a frame and 60 bytes"),
    )
    return [dict(zip(("unit", "CPU", "memory, bytes, rows"), row, strict=True)) for row in rows]


def _happens(team: Team) -> dict[str, str]:
    second = team.second
    return _whose(team) | {
        "rooms": f"{len(team.workspace.members):,}",
        "posts": f"{second.posts:,.1f}",
        "message frames": f"{second.message_frames:,.0f}",
        "typing frames": f"{second.typing_frames:,.0f}",
        "head frames": f"{second.head_frames:,.0f}",
        "presence changes": f"{second.changes:,.1f}",
        "presence frames": f"{second.presence_frames:,.0f}",
        "presence's share of the bytes": f"{team.presence_bytes / team.out_bytes:.0%}",
        "a welcome": f"{team.welcome_bytes / 1000:,.0f} KB",
    }


def _workers(team: Team) -> dict[str, str]:
    return _whose(team) | {
        "workers": f"{team.workers:,}" if team.is_enough else f"not {team.workers:,}, nor more",
        "busy cores": f"{team.cores:,.2f}",
        "each by itself": f"{team.own_us / 1e6:.0%}",
        "memory": f"{team.memory / 1e9:,.2f} GB",
        "bandwidth out": f"{team.out_bytes * 8 / 1e6:,.1f} Mbit/s",
    }


def _behind(team: Team) -> dict[str, str]:
    alone = team.workers == 1
    return _whose(team) | {
        "rows written": f"{team.rows_written:,.0f}",
        "questions": f"{team.questions:,.0f}",
        "of these looking at presence": f"{team.looks * QUESTIONS_A_LOOK:,.0f}",
        "rows polled": f"{team.polled_rows:,.0f}",
        "PostgreSQL's busy cores": "SQLite" if alone else f"{team.database_cores:,.1f}",
        "hints to Redis": "none" if alone else f"{team.hints:,.0f}",
        "hints heard": "none" if alone else f"{team.hints_heard:,.0f}",
        "Redis, in and out": "none" if alone else f"{team.relay_bytes / 1e6:,.1f} MB",
    }


def _whose(team: Team) -> dict[str, str]:
    product = "with mends" if team.mended else "as it is"
    return {"people online": f"{team.workspace.people:,}", "product": product}


def _table(rows: list[dict[str, str]]) -> str:
    """In Markdown; what begins with a digit, in the last row, stands on the right."""
    names = list(rows[0])
    sides = ["---:" if cell[0].isdigit() else "---" for cell in rows[-1].values()]
    lines = [names, sides, *([*row.values()] for row in rows)]
    return "\n".join(f"| {' | '.join(line)} |" for line in lines)


if __name__ == "__main__":
    main()
