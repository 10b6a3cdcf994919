"""The checker is tested by telling it stories that break the contract in one place each."""

from collections.abc import Callable
from dataclasses import replace

import pytest

from tests.faults.harness.checker import check
from tests.faults.harness.history import Stay, Stray
from tests.faults.harness.table import Table
from tests.faults.harness.view import View
from tests.faults.story import ANN, BOB, ROOM, Story


def test_a_true_story_has_no_violation() -> None:
    assert Story().kinds() == set()


def lose(story: Story) -> None:
    story.stored.messages.pop()


def double(story: Story) -> None:
    twin = replace(story.stored.messages[2], id=104, number=4, posted_seq=4, seq=4, key="other")
    story.stored.messages.append(twin)
    story.stored.heads[ROOM] = (4, 4)


def double_a_key(story: Story) -> None:
    twin = replace(story.stored.messages[2], id=104, number=4, posted_seq=4, seq=4)
    story.stored.messages.append(twin)


def swap(story: Story) -> None:
    """The store has them in another order than they were acknowledged in."""
    for one, other in ((0, 1), (1, 0)):
        number = (1, 2)[other]
        send = story.history.sends[one]
        send.number = send.seq = number
        row = story.stored.messages[one]
        row.number = row.posted_seq = row.seq = number


def swap_on_the_screen(story: Story) -> None:
    story.paged.rows[:2] = reversed(story.paged.rows[:2])


def leave_a_hole(story: Story) -> None:
    story.stored.messages[2].number = 4


def hide(story: Story) -> None:
    story.live.rows.pop(1)


def show_twice(story: Story) -> None:
    story.live.rows.append(story.live.rows[2])


def invent(story: Story) -> None:
    story.history.sends.pop()


def garble(story: Story) -> None:
    story.stored.messages[0].source = "something else"


def leak(story: Story) -> None:
    story.history.strays.append(stray())


def leak_after_leaving(story: Story) -> None:
    """Bob left while the second message was on its way, and is told of the third."""
    story.history.stays.append(Stay(BOB, ROOM, since=0.0, until=0.9))
    story.history.strays.append(stray(seq=3, at=3.1))


def leak_to_who_came_back(story: Story) -> None:
    """Bob opens another connection long after he left, and is told what he missed."""
    story.history.stays.append(Stay(BOB, ROOM, since=0.0, until=2.5))
    story.history.strays.append(stray(seq=2, at=6.1, not_before=6.0))


def leak_who_types(story: Story) -> None:
    story.history.stays.append(Stay(BOB, ROOM, since=0.0, until=0.9))
    story.history.strays.append(stray(seq=None, at=3.1))


def stray(seq: int | None = 3, at: float = 3.1, not_before: float = 0.0) -> Stray:
    """A frame that reaches Bob, who is no member."""
    return Stray(BOB, ROOM, seq, at, not_before, 2.0, "a frame", "calm")


def not_indexed(story: Story) -> None:
    story.find.ids.pop()


def keep_an_old_page(story: Story) -> None:
    story.live.rows[0] = replace(story.live.rows[0], html="<article>old</article>")


def forget_an_edit(story: Story) -> None:
    story.history.change("edit", ANN, 101, "new text").acked = 9.0


def forget_a_reaction(story: Story) -> None:
    story.history.change("react", ANN, 101, "👍").acked = 9.0


def miscount(story: Story) -> None:
    story.count.last = 5


def promise_another_number(story: Story) -> None:
    story.history.sends[1].number = 9


BROKEN: list[tuple[Callable[[Story], None], str]] = [
    (lose, "lost"),
    (forget_an_edit, "lost"),
    (forget_a_reaction, "lost"),
    (double, "doubled"),
    (double_a_key, "doubled"),
    (show_twice, "doubled"),
    (swap, "misordered"),
    (swap_on_the_screen, "misordered"),
    (leave_a_hole, "misordered"),
    (hide, "unseen"),
    (leak, "leaked"),
    (leak_after_leaving, "leaked"),
    (leak_to_who_came_back, "leaked"),
    (leak_who_types, "leaked"),
    (invent, "phantom"),
    (garble, "altered"),
    (promise_another_number, "altered"),
    (not_indexed, "unfound"),
    (keep_an_old_page, "stale"),
    (miscount, "miscounted"),
]


@pytest.mark.parametrize(
    ("breakage", "kind"), BROKEN, ids=lambda one: getattr(one, "__name__", one)
)
def test_each_broken_promise_is_named(breakage: Callable[[Story], None], kind: str) -> None:
    story = Story()
    breakage(story)
    assert kind in story.kinds()


def test_messages_under_way_at_the_same_time_may_stand_in_either_order() -> None:
    story = Story()
    swap(story)
    story.stored.messages.sort(key=lambda row: row.number)
    story.show()
    assert story.kinds() == {"misordered"}
    story.history.sends[0].acked = 2.2
    assert story.kinds() == set()


def test_an_unacknowledged_message_may_be_stored_or_not() -> None:
    story = Story()
    story.history.sends[2].acked = None
    assert story.kinds() == set()


def test_what_happened_before_one_left_may_still_be_on_its_way() -> None:
    story = Story()
    story.history.stays.append(Stay(BOB, ROOM, since=0.0, until=1.1))
    story.history.strays.append(stray(seq=3, at=9.0))
    assert story.kinds() == set()


def test_the_table_adds_up() -> None:
    story, table = Story(), Table()
    lose(story)
    table.add(story.history, story.stored, check(story.history, story.stored, story.evidence))
    assert table.acked == 3
    line = next(line for line in table.lines() if line[0] == "calm")
    assert line[2:5] == ["3", "2", "1"]


def test_a_view_asks_for_what_is_missing() -> None:
    view = View(ROOM)
    assert view.next(1)
    view.apply({"type": "message", "id": 1, "seq": 1, "number": 1, "html": "<article>"})
    assert not view.next(1)
    view.head = 3
    assert view.is_behind
    page = {"seq": 3, "messages": [{"id": 2, "seq": 3, "number": 2, "html": "<article>"}]}
    view.catch_up(page)
    assert [row.id for row in view.in_order()] == [1, 2]
    assert view.have == 3
