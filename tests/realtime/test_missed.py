"""Who comes back is told what they missed as they subscribe, where that is only messages."""

import re

import pytest

from tests.realtime.browsers import Browser, eventually

ARTICLE = re.compile(r'<article class="message" .*?</article>', re.S)
AS_JSON = {"Accept": "application/json"}


def act(person, path, **values):
    answer = person.visitor.submit(path, values, headers=AS_JSON)
    assert answer.status_code < 400, answer.text
    return answer


def opened(person, path="/ws"):
    """A socket of that person, of which nothing was heard yet."""
    person.browsers.append(Browser(person.visitor, path))
    return person.browsers[-1]


class Page:
    """What a room's page shows of it, and where in its sequence it stands."""

    def __init__(self, person, room):
        html = person.visitor.get(f"/rooms/{room}").text
        self.person, self.room = person, room
        self.seq = int(re.search(r'<chat-room[^>]* data-seq="(\d+)"', html)[1])
        self.epoch = re.search(r'name="epoch" content="(\w+)"', html)[1]
        self.articles = {}
        for article in ARTICLE.findall(html.split("<template", 1)[0]):
            self.articles[int(re.search(r'data-message="(\d+)"', article)[1])] = article

    def come_back(self, **said) -> list[dict]:
        """Open a socket and subscribe; gives the answer, and what was missed before it.

        Until a change is delivered, a moment after it is stored, it counts as still to come.
        """
        eventually(self._all_is_delivered)
        self.tab = opened(self.person)
        self.tab.expect("welcome")
        told = {"since": self.seq, "epoch": self.epoch} | said
        self.tab.say("subscribe", room=self.room, **told)
        last = self.tab.expect("subscribed", room=self.room)
        frames, self.tab.frames = [*self.tab.frames, last], []
        # What was said a moment ago may come live, too.
        return [frame for frame in frames if frame["type"] in ("missed", "subscribed")]

    def _all_is_delivered(self) -> bool:
        tab = opened(self.person, f"/ws?room={self.room}")
        delivered = tab.expect("subscribed", room=self.room)["seq"]
        tab.leave()
        return delivered >= Page(self.person, self.room).seq

    def apply(self, frame) -> None:
        for message in frame["messages"]:
            self.articles[message["id"]] = message["html"]
        self.seq = frame["seq"]


@pytest.fixture
def room(place, ann, bob):
    return place.room(ann, bob)


@pytest.fixture
def page(ann, bob, room):
    """Bob's, who is away from now on."""
    ann.post(room, "before")
    return Page(bob, room)


def kinds(frames) -> list[str]:
    return [frame["type"] for frame in frames]


def told(tab) -> dict:
    """The next frame, but for the head that is due half a second after a post."""
    while (frame := tab.hear())["type"] == "head":
        pass
    return frame


def test_what_was_missed_comes_before_the_answer(page, ann, room):
    posted = [ann.post(room, f"number {number}") for number in range(3)]
    missed, subscribed = page.come_back()
    assert kinds([missed, subscribed]) == ["missed", "subscribed"]
    assert (missed["room"], missed["since"]) == (room, page.seq)
    assert missed["seq"] == subscribed["seq"] == posted[-1]["seq"]
    assert [message["html"] for message in missed["messages"]] == [one["html"] for one in posted]


def test_the_address_says_as_much_as_a_frame(page, ann, room):
    ann.post(room, "more")
    by_frame = page.come_back()
    tab = opened(page.person, f"/ws?room={room}&since={page.seq}&epoch={page.epoch}")
    assert kinds([told(tab)]) == ["welcome"]
    assert [told(tab), told(tab)] == by_frame
    seq = ann.post(room, "live")["seq"]
    assert told(tab)["seq"] == seq


def test_an_address_without_a_place_only_subscribes(page, ann, room):
    ann.post(room, "more")
    tab = opened(page.person, f"/ws?room={room}")
    assert kinds([told(tab), told(tab)]) == ["welcome", "subscribed"]


@pytest.mark.parametrize("absent", [0, 10**30])
def test_an_address_with_a_room_that_is_not_there_says_so_and_lives_on(page, absent):
    tab = opened(page.person, f"/ws?room={absent}&since=x")
    assert tab.expect("error", room=absent)["code"] == "not_found"
    tab.say("subscribe", room=page.room)
    assert tab.expect("subscribed")


def test_an_address_that_makes_no_sense_is_a_socket_without_a_room(page):
    tab = opened(page.person, "/ws?room=x&since=&epoch=%00")
    tab.say("subscribe", room=page.room)
    assert kinds([tab.hear(), tab.hear()]) == ["welcome", "subscribed"]


def test_an_outsider_hears_nothing_by_the_address(page, place, ann, room):
    ann.post(room, "more")
    assert kinds(page.come_back()) == ["missed", "subscribed"]
    eve = place.person("eve")
    tab = opened(eve, f"/ws?room={room}&since={page.seq}&epoch={page.epoch}")
    assert tab.expect("error", room=room)["code"] == "not_found"
    ann.post(room, "secret")
    tab.say("subscribe", room=room)
    tab.expect("error", room=room)
    assert not {"missed", "message", "subscribed"} & set(kinds(tab.all))


def test_it_is_what_the_catch_up_by_http_gives(page, ann, bob, room):
    message = ann.post(room, "first")["id"]
    act(ann, f"/messages/{message}/edit", body="second")
    path = f"/rooms/{room}/changes?since={page.seq}&workspace=0&epoch={page.epoch}"
    by_http = bob.visitor.get(path, headers=AS_JSON).json()
    missed = page.come_back()[0]
    assert by_http["messages"]
    assert (missed["messages"], missed["seq"]) == (by_http["messages"], by_http["seq"])


def test_a_page_with_it_equals_a_fresh_one(page, ann, bob, room):
    ids = [ann.post(room, f"number {number}")["id"] for number in range(4)]
    act(ann, f"/messages/{ids[0]}/edit", body="changed")
    act(ann, f"/messages/{ids[1]}/delete")
    act(bob, f"/messages/{ids[2]}/reactions", emoji="👍", on="1")
    act(bob, f"/messages/{min(page.articles)}/reactions", emoji="🎉", on="1")
    before = dict(page.articles)
    page.apply(page.come_back()[0])
    fresh = Page(bob, room)
    assert before != fresh.articles
    assert (page.articles, page.seq) == (fresh.articles, fresh.seq)


def test_what_is_said_after_goes_on_from_there(page, ann, room):
    ann.post(room, "missed")
    missed = page.come_back()[0]
    seq = ann.post(room, "live")["seq"]
    assert seq == missed["seq"] + 1
    assert page.tab.expect("message", seq=seq)


def test_who_has_everything_or_more_is_told_nothing(page, ann, room):
    assert kinds(page.come_back()) == ["subscribed"]
    ann.post(room, "more")
    assert kinds(page.come_back()) == ["missed", "subscribed"]
    assert kinds(page.come_back(since=page.seq + 100)) == ["subscribed"]


@pytest.mark.parametrize(
    "said", [{"epoch": "another"}, {"epoch": ""}, {"since": None}, {"since": -1_000}], ids=str
)
def test_who_does_not_say_a_place_of_this_history_has_to_ask(page, ann, room, said):
    ann.post(room, "more")
    assert kinds(page.come_back()) == ["missed", "subscribed"]
    assert kinds(page.come_back(**said)) == ["subscribed"]


def test_who_missed_another_name_of_the_room_has_to_ask(page, ann, room):
    ann.post(room, "more")
    assert kinds(page.come_back()) == ["missed", "subscribed"]
    act(ann, f"/rooms/{room}/edit", name=f"other name {room}", topic="")
    assert kinds(page.come_back()) == ["subscribed"]


def test_who_missed_a_new_member_has_to_ask(page, place, ann, room):
    ann.post(room, "more")
    act(place.person("eve"), f"/rooms/{room}/join")
    ann.post(room, "and more")
    assert kinds(page.come_back()) == ["subscribed"]


def test_who_missed_too_long_ones_has_to_ask(page, ann, room):
    for _ in range(4):
        ann.post(room, "long " * 1_800)
    assert kinds(page.come_back()) == ["missed", "subscribed"]
    for _ in range(4):
        ann.post(room, "long " * 1_800)
    assert kinds(page.come_back()) == ["subscribed"]


def test_what_is_no_place_is_an_error(page):
    page.come_back()
    page.tab.say("subscribe", room=page.room, since="1", epoch=page.epoch)
    assert page.tab.expect("error")["code"] == "bad_frame"


def test_an_outsider_is_told_nothing(page, place, ann, room):
    eve, closed = place.person("eve"), place.room(ann, kind="closed")
    ann.post(closed, "secret")
    ann.post(room, "more")
    assert Page(ann, closed).come_back(since=0, epoch=page.epoch)
    for there in (room, closed):
        tab = eve.open()
        tab.say("subscribe", room=there, since=page.seq, epoch=page.epoch)
        assert tab.expect("error", room=there)["code"] == "not_found"
        assert not [frame for frame in tab.listen(0.5) if frame["type"] == "missed"]


def test_who_was_removed_is_told_nothing(page, ann, bob, room):
    ann.post(room, "more")
    assert kinds(page.come_back()) == ["missed", "subscribed"]
    act(ann, f"/rooms/{room}/members/{bob.id}/remove")
    page.tab.expect("error", room=room)
    page.tab.say("subscribe", room=room, since=page.seq, epoch=page.epoch)
    page.tab.expect("error", room=room)
    assert not [frame for frame in page.tab.listen(0.5) if frame["type"] == "missed"]


def test_a_crowd_that_comes_at_once_is_told_and_holds_nothing(page, place, ann, bob, room):
    ann.post(room, "more")
    boss = place.person("boss", role="admin")
    tabs = [bob.open() for _ in range(40)]
    for tab in tabs:
        tab.say("subscribe", room=room, since=page.seq, epoch=page.epoch)
    told = [tab.expect("missed") for tab in tabs]
    assert told == told[:1] * len(tabs)

    def held() -> int:
        health = boss.visitor.get("/workspace/health", headers=AS_JSON).json()
        return health["waiting"]["database_connections"]

    # The one that asks; another for a moment, when the worker asks for what is new.
    eventually(lambda: held() <= 1)
