"""The checker is tested by telling it stories that break the contract in one place each.

Here something is wrong with what is stored, or happened; pages show what is stored. How pages go
wrong is told in `test_looks.py`.
"""

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


@pytest.mark.parametrize("change", [Story.edit, Story.delete, Story.react])
def test_a_true_change_is_no_violation(change: Callable[[Story], None]) -> None:
    story = Story()
    change(story)
    assert story.kinds() == set()


# C1: what was acknowledged is there, as promised


def lose(story: Story) -> None:
    """The room has forgotten that it was ever there."""
    story.stored.messages.pop()
    story.stored.heads[ROOM] = (2, 2)


def forget_an_edit(story: Story) -> None:
    story.history.change("edit", ANN, 101, "new text").acked = 9.0


def forget_a_deletion(story: Story) -> None:
    story.history.change("delete", ANN, 101).acked = 9.0


def forget_a_reaction(story: Story) -> None:
    story.history.change("react", ANN, 101, "👍").acked = 9.0


def forget_that_a_reaction_was_taken_back(story: Story) -> None:
    story.react()
    story.history.change("unreact", ANN, 101, "👍").acked = 10.0


def promise_another_number(story: Story) -> None:
    story.history.sends[2].number = 9
    story.stored.members[ROOM, ANN] = 9


def promise_another_seq(story: Story) -> None:
    story.history.sends[1].seq = 9


# C2: one key, one row


def double(story: Story) -> None:
    """Another key with the same text, which nobody sent."""
    twin = replace(story.stored.messages[2], id=104, number=4, posted_seq=4, seq=4, key="other")
    story.stored.messages.append(twin)
    story.stored.heads[ROOM] = (4, 4)


def double_a_key(story: Story) -> None:
    """The third message's key stands at the second one, too, whose text was an edit's."""
    second = story.stored.messages[1]
    story.history.sends.pop(1)
    story.history.change("edit", ANN, second.id, second.source)
    second.key = "key3"


# C3: nothing unreal


def invent(story: Story) -> None:
    story.history.sends.pop()


def garble(story: Story) -> None:
    story.stored.messages[0].source = "something else"


# C4: one order


def swap(story: Story) -> None:
    """The store has them in another order than they were acknowledged in."""
    for one, other in ((0, 1), (1, 0)):
        number = (1, 2)[other]
        send = story.history.sends[one]
        send.number = send.seq = number
        row = story.stored.messages[one]
        row.number = row.posted_seq = row.seq = number
    story.stored.messages.sort(key=lambda row: row.number)


def leave_a_hole(story: Story) -> None:
    story.history.sends[2].number = story.stored.messages[2].number = 4
    story.stored.members[ROOM, ANN] = 4


def post_in_another_order(story: Story) -> None:
    """The numbers are right, and their places in the room's sequence are each other's."""
    for place, seq in ((0, 2), (1, 1)):
        row = story.stored.messages[place]
        row.posted_seq = row.seq = story.history.sends[place].seq = seq


def share_a_seq(story: Story) -> None:
    story.stored.messages[1].seq = 3


def pass_the_head(story: Story) -> None:
    story.stored.messages[2].seq = 4


def change_before_posting(story: Story) -> None:
    story.stored.heads[ROOM] = (4, 3)
    story.stored.messages[2].posted_seq = 4


# C20: nobody hears of a room that they are not in


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


# C23, and what is wrong as it happens


def leave_ones_own_post_unread(story: Story) -> None:
    story.stored.members[ROOM, ANN] = 2


def fail(story: Story) -> None:
    story.history.trouble("failed", "posting: 500")


# Each with all the kinds that it is told by.
BROKEN: list[tuple[Callable[[Story], None], set[str]]] = [
    (lose, {"lost"}),
    (forget_an_edit, {"lost"}),
    (forget_a_deletion, {"lost"}),
    (forget_a_reaction, {"lost"}),
    (forget_that_a_reaction_was_taken_back, {"lost"}),
    (promise_another_number, {"altered"}),
    (promise_another_seq, {"altered"}),
    (double, {"doubled", "phantom", "unfound"}),
    (double_a_key, {"doubled", "unfound"}),
    (invent, {"phantom", "unfound"}),
    (garble, {"altered"}),
    (swap, {"misordered"}),
    (leave_a_hole, {"misordered"}),
    (post_in_another_order, {"misordered"}),
    (share_a_seq, {"misordered"}),
    (pass_the_head, {"misordered"}),
    (change_before_posting, {"misordered"}),
    (leak, {"leaked"}),
    (leak_after_leaving, {"leaked"}),
    (leak_to_who_came_back, {"leaked"}),
    (leak_who_types, {"leaked"}),
    (leave_ones_own_post_unread, {"miscounted"}),
    (fail, {"failed"}),
]


@pytest.mark.parametrize(
    ("breakage", "kinds"), BROKEN, ids=[getattr(one, "__name__", "") for one, _ in BROKEN]
)
def test_each_broken_promise_is_named(breakage: Callable[[Story], None], kinds: set[str]) -> None:
    story = Story()
    breakage(story)
    story.show()
    assert story.kinds() == kinds


def test_messages_under_way_at_the_same_time_may_stand_in_either_order() -> None:
    story = Story()
    swap(story)
    story.show()
    assert story.kinds() == {"misordered"}
    story.history.sends[0].acked = 2.2
    assert story.kinds() == set()


def test_an_unacknowledged_message_may_be_stored_or_not() -> None:
    story = Story()
    story.history.sends[2].acked = None
    assert story.kinds() == set()


def test_what_is_deleted_keeps_neither_edit_nor_reaction() -> None:
    story = Story()
    story.edit()
    story.react()
    story.stored.reactions.clear()
    story.delete()
    assert story.kinds() == set()


def test_what_happened_before_one_left_may_still_be_on_its_way() -> None:
    story = Story()
    story.history.stays.append(Stay(BOB, ROOM, since=0.0, until=1.1))
    story.history.strays.append(stray(seq=3, at=9.0))
    assert story.kinds() == set()


def test_the_table_adds_up() -> None:
    story, table = Story(), Table()
    lose(story)
    story.react()
    forget_an_edit(story)
    table.add(story.history, story.stored, check(story.history, story.stored, story.evidence))
    assert table.acked == 5
    line = next(line for line in table.lines() if line[0] == "calm")
    assert line[2:5] == ["5", "3", "2"]


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
