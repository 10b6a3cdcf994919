"""Who gets which hint, and that nobody gets what they may not hear any more."""

import pytest

from chatapp.realtime import delivery as module
from chatapp.realtime.delivery import Delivery
from chatapp.realtime.hints import HeadHint, PersonHint, RoomHint, RoomListHint, TypingHint
from chatapp.realtime.hub import Hub
from tests.realtime.listeners import enter


@pytest.fixture
def hub():
    return Hub()


@pytest.fixture
def delivery(hub):
    return Delivery(hub)


def test_a_message_is_for_those_who_view_its_room(hub, delivery):
    viewer, elsewhere = enter(hub, 1, [7], views=7), enter(hub, 2, [7, 8], views=8)
    delivery.deliver(RoomHint(7, 1, 1, b"message"))
    assert viewer.heard == [b"message"]
    assert elsewhere.heard == []
    assert hub.channels[7].seq == 1


def test_what_waits_leaves_together_and_in_order(hub, delivery):
    viewer, other = enter(hub, 1, [7], views=7), enter(hub, 2, [8], views=8)
    for seq in (1, 2, 3):
        delivery.put(RoomHint(7, seq, seq, b"<%d>" % seq))
    delivery.put(RoomHint(8, 1, 1, b"elsewhere"))
    delivery.put(TypingHint(7, 9, b"typing"))
    delivery.put(RoomHint(7, 4, 4, b"<4>"))
    delivery._step()
    assert viewer.heard == [b"<1><2><3>", b"typing", b"<4>"]
    assert other.heard == [b"elsewhere"]


def test_an_older_head_that_comes_late_does_not_replace_a_newer_one(hub, delivery, monkeypatch):
    monkeypatch.setattr(module, "HEADS_EVERY_SECONDS", 0.0)
    elsewhere = enter(hub, 1, [7])
    hub.channels[7].advance(4, 4)
    delivery.put(RoomHint(7, 6, 6, b"", b"six"))
    delivery._take(delivery._queue.get_nowait())
    for overdue in delivery._ordering.overdue(float("inf")):
        delivery._deliver_in_room(overdue)
    delivery.put(RoomHint(7, 5, 5, b"", b"five"))
    delivery._step()
    assert elsewhere.heard == [b"six"]


def test_nothing_is_delivered_while_nobody_knows_who_may_hear_it(hub, monkeypatch):
    monkeypatch.setattr(module, "RIGHTS_AGAIN_SECONDS", 0.01)
    gone, viewer = enter(hub, 1, [7], views=7), enter(hub, 2, [7], views=7)
    answers = iter([False, False, True])

    def ask(_workspace_seq: int) -> bool:
        answer = next(answers, None)
        if answer is None:
            return True
        assert viewer.heard == []
        # It would be told too late.
        delivery.put(TypingHint(7, 9, b"typing"))
        if answer:
            hub.leave(1, 7)
        return answer

    delivery = Delivery(hub, ask)
    delivery.put(RoomHint(7, 1, 1, b"not for everybody"))
    delivery.put(PersonHint(2, b"read"))
    delivery._step()
    assert viewer.heard == [b"not for everybody", b"read", b"typing"]
    assert gone.heard == []


@pytest.mark.parametrize(
    "after", [RoomHint(7, 2, 2, b"after", workspace=5), TypingHint(7, 9, b"after", workspace=5)]
)
def test_what_was_said_after_a_removal_waits_until_that_is_known(hub, after):
    gone, viewer = enter(hub, 1, [7], views=7), enter(hub, 2, [7], views=7)
    asked = []

    def ask(workspace_seq: int) -> bool:
        asked.append(workspace_seq)
        if workspace_seq == 5:
            hub.leave(1, 7)
        return True

    delivery = Delivery(hub, ask)
    delivery.put(RoomHint(7, 1, 1, b"before", workspace=4))
    delivery._step()
    delivery.put(after)
    delivery._step()
    assert (gone.heard, viewer.heard) == ([b"before"], [b"before", b"after"])
    assert {4, 5} <= {*asked}


def test_what_may_be_told_is_not_held_with_what_may_not_yet(hub, monkeypatch):
    monkeypatch.setattr(module, "RIGHTS_AGAIN_SECONDS", 0.01)
    viewer = enter(hub, 1, [7], views=7)
    held = []

    def ask(workspace_seq: int) -> bool:
        if workspace_seq == 5 and len(held) < 2:
            held.append([*viewer.heard])
            return False
        return True

    delivery = Delivery(hub, ask)
    delivery.put(RoomHint(7, 1, 1, b"one", workspace=4))
    delivery.put(RoomHint(7, 2, 2, b"two", workspace=5))
    delivery._step()
    assert held == [[b"one"], [b"one"]]
    assert viewer.heard == [b"one", b"two"]


def test_what_may_be_told_is_told_though_what_follows_fails(hub):
    viewer = enter(hub, 1, [7], views=7)

    def ask(workspace_seq: int) -> bool:
        if workspace_seq == 5:
            raise RuntimeError
        return True

    delivery = Delivery(hub, ask)
    delivery.put(RoomHint(7, 1, 1, b"one", workspace=4))
    delivery.put(RoomHint(7, 2, 2, b"two", workspace=5))
    with pytest.raises(RuntimeError):
        delivery._step()
    assert viewer.heard == [b"one"]


def test_what_comes_alone_leaves_alone(hub, delivery):
    viewer = enter(hub, 1, [7], views=7)
    for seq in (1, 2):
        delivery.put(RoomHint(7, seq, seq, b"<%d>" % seq))
        delivery._step()
    assert viewer.heard == [b"<1>", b"<2>"]


def test_nothing_is_lost_however_much_waits(hub, delivery):
    viewer = enter(hub, 1, [7], views=7)
    for seq in range(1, 101):
        delivery.put(RoomHint(7, seq, seq, b"<%d>" % seq))
    while delivery.waiting:
        delivery._step()
    assert b"".join(viewer.heard) == b"".join(b"<%d>" % seq for seq in range(1, 101))


def test_a_flood_of_dropped_hints_is_one_line_a_second(hub, delivery, monkeypatch, caplog):
    clock = [1000.0]
    monkeypatch.setattr(module, "QUEUED_HINTS", 0)
    monkeypatch.setattr(module.time, "monotonic", lambda: clock[0])
    for _ in range(500):
        delivery.put(PersonHint(1, b"lost"))
        clock[0] += 0.01
    assert 5 <= len(caplog.records) <= 6
    told = sum(record.args[0] for record in caplog.records)
    assert told == 500 - delivery._dropped


def test_what_leaves_together_is_bounded(hub, delivery):
    viewer = enter(hub, 1, [7], views=7)
    for seq in range(1, 11):
        delivery.put(RoomHint(7, seq, seq, b"x" * 10_000))
    delivery._step()
    assert [len(wire) for wire in viewer.heard] == [40_000, 40_000, 20_000]


def test_who_leaves_before_it_goes_out_hears_nothing_of_it(hub, delivery):
    leaver, stayer = enter(hub, 1, [7], views=7), enter(hub, 2, [7], views=7)
    delivery._take(RoomHint(7, 1, 1, b"message"))
    hub.leave(1, 7)
    delivery._flush()
    assert (leaver.heard, stayer.heard) == ([], [b"message"])


def test_the_others_hear_the_newest_head_only(hub, delivery, monkeypatch):
    monkeypatch.setattr(module, "HEADS_EVERY_SECONDS", 0.0)
    elsewhere = enter(hub, 1, [7])
    for seq in (1, 2, 3):
        delivery.deliver(RoomHint(7, seq, seq, b"message", b"head %d" % seq))
    delivery._overdue()
    assert elsewhere.heard == [b"head 3"]


def test_who_wrote_before_the_newest_hears_on_other_devices_that_they_did(hub, delivery):
    """Whoever writes has read what stands above: else it counts as unread there."""
    here, there = enter(hub, 1, [7], views=7), enter(hub, 1)
    other = enter(hub, 2, [7])
    for seq, author in ((1, 1), (2, 1), (3, 9), (4, 9)):
        words = b"head %d of %d" % (seq, author)
        delivery.deliver(RoomHint(7, seq, seq, b"message", words, author=author))
    assert (there.heard, other.heard) == ([b"head 2 of 1"], [])
    assert here.heard == [b"message"] * 4


def test_who_wrote_what_the_database_told_hears_of_it_before_another_does(hub, delivery):
    there, other = enter(hub, 1, [7]), enter(hub, 2, [7])
    delivery.deliver(HeadHint(7, 1, 1, b"head of 1", author=1))
    delivery.deliver(RoomHint(7, 2, 2, b"message", b"head of 2", author=2))
    assert (there.heard, other.heard) == ([b"head of 1"], [])


def test_of_two_heads_at_one_seq_the_later_is_told(hub, delivery, monkeypatch):
    """The later one has heard of more messages."""
    monkeypatch.setattr(module, "HEADS_EVERY_SECONDS", 0.0)
    elsewhere = enter(hub, 1, [7])
    hub.channels[7].advance(4, 8)
    for number in (9, 10):
        delivery._take(HeadHint(7, 4, number, b"head of %d" % number))
    delivery._overdue()
    assert elsewhere.heard == [b"head of 10"]


def test_who_left_hears_nothing_of_what_they_wrote(hub, delivery):
    there, _ = enter(hub, 1, [7]), enter(hub, 2, [7])
    delivery.deliver(RoomHint(7, 1, 1, b"message", b"head", author=1))
    hub.leave(1, 7)
    delivery.deliver(RoomHint(7, 2, 2, b"message", b"head", author=2))
    assert there.heard == []


def test_a_change_that_adds_no_message_is_for_viewers_only(hub, delivery, monkeypatch):
    monkeypatch.setattr(module, "HEADS_EVERY_SECONDS", 0.0)
    elsewhere = enter(hub, 1, [7])
    delivery.deliver(RoomHint(7, 1, 1, b"reaction"))
    delivery._overdue()
    assert elsewhere.heard == []


def test_who_leaves_in_the_middle_of_a_delivery_hears_nothing(hub, delivery, monkeypatch):
    monkeypatch.setattr(module, "TURN", 1)
    tabs = {user: enter(hub, user, [7], views=7) for user in (1, 2, 3)}

    def leave() -> None:
        for user in (1, 2, 3):
            if not tabs[user].heard:
                hub.leave(user, 7)

    monkeypatch.setattr(module, "give_way", leave)
    delivery.deliver(RoomHint(7, 1, 1, b"message"))
    assert sum(len(tab.heard) for tab in tabs.values()) == 1


def test_a_head_that_is_known_meanwhile_is_not_told(hub, delivery):
    viewer = enter(hub, 1, [7], views=7)
    delivery.deliver(RoomHint(7, 1, 1, b"message", b"told"))
    delivery.deliver(HeadHint(7, 1, 1, b"head"))
    assert viewer.heard == [b"message"]
    delivery.deliver(HeadHint(7, 4, 4, b"healed"))
    assert viewer.heard == [b"message", b"healed"]
    delivery.deliver(RoomHint(7, 5, 5, b"next"))
    assert viewer.heard[-1] == b"next"


def test_nobody_hears_themselves_typing(hub, delivery):
    mine, theirs = enter(hub, 1, [7], views=7), enter(hub, 2, [7], views=7)
    delivery.deliver(TypingHint(7, 1, b"typing"))
    assert (mine.heard, theirs.heard) == ([], [b"typing"])


def test_what_is_for_one_person_reaches_all_their_tabs(hub, delivery):
    tabs, other = [enter(hub, 1), enter(hub, 1)], enter(hub, 2)
    delivery.deliver(PersonHint(1, b"read"))
    assert [tab.heard for tab in tabs] == [[b"read"], [b"read"]]
    assert other.heard == []


def test_a_change_of_the_room_list_reaches_every_member(hub, delivery):
    viewer, member, outsider = enter(hub, 1, [7], views=7), enter(hub, 2, [7]), enter(hub, 3)
    delivery.deliver(RoomListHint(7, b"rooms"))
    assert (viewer.heard, member.heard, outsider.heard) == ([b"rooms"], [b"rooms"], [])


def test_a_room_that_nobody_listens_to_costs_nothing(delivery):
    delivery.deliver(RoomHint(7, 1, 1, b"message", b"head"))
    assert delivery._patience() is None
