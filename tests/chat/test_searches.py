"""Searching over HTTP."""

import pytest

from tests.chat.conftest import AS_JSON


def search(client, words, **query) -> str:
    answer = client.get("/searches", query_string={"q": words, **query})
    assert answer.status_code == 200, answer.text
    # The sidebar has the rooms' names too.
    return answer.text.split("<main", 1)[1].split("</main>", 1)[0]


def hits(page: str) -> int:
    return page.count('class="hit"')


def test_a_word_just_written_is_found_and_marked(as_ann, room, post):
    message = post(as_ann, "the kettle is on", "key-of-the-kettle").json
    page = search(as_ann, "kettle")
    assert hits(page) == 1
    assert "<mark>kettle</mark>" in page
    assert f'/rooms/{room.id}?around={message["id"]}#message-1-key-of-the-kettle"' in page


def test_every_word_must_be_there_and_its_beginning_is_enough(as_ann, post):
    post(as_ann, "the kettle is on")
    assert hits(search(as_ann, "kett the")) == 1
    assert hits(search(as_ann, "KETTLE")) == 1
    assert hits(search(as_ann, "kettle off")) == 0
    assert hits(search(as_ann, "ettle")) == 0


def test_accents_do_not_matter(as_ann, post):
    post(as_ann, "meet me at the café")
    assert "<mark>café</mark>" in search(as_ann, "cafe")
    assert hits(search(as_ann, "CAFÉ")) == 1


def test_a_changed_message_is_found_by_its_new_words_only(as_ann, post):
    message = post(as_ann, "the kettle is on").json
    as_ann.post(f"/messages/{message['id']}/edit", data={"body": "tea is ready"}, headers=AS_JSON)
    assert hits(search(as_ann, "kettle")) == 0
    assert hits(search(as_ann, "tea")) == 1


def test_a_deleted_message_is_not_found(as_ann, post):
    message = post(as_ann, "the kettle is on").json
    assert hits(search(as_ann, "kettle")) == 1
    as_ann.post(f"/messages/{message['id']}/delete", headers=AS_JSON)
    assert hits(search(as_ann, "kettle")) == 0


def test_outsiders_find_nothing_of_a_room(as_ann, as_eve, post):
    post(as_ann, "the kettle is on")
    assert hits(search(as_ann, "kettle")) == 1
    assert hits(search(as_eve, "kettle")) == 0


def test_ex_members_find_nothing_any_more(as_ann, as_bob, room, post):
    post(as_ann, "the kettle is on")
    assert hits(search(as_bob, "kettle")) == 1
    as_bob.post(f"/rooms/{room.id}/leave")
    assert hits(search(as_bob, "kettle")) == 0


def test_a_room_number_is_no_word(as_ann, room, post):
    post(as_ann, "the kettle is on")
    assert hits(search(as_ann, str(room.id))) == 0


@pytest.mark.parametrize(
    "words",
    [
        '"', "'", "AND", "a OR", "NOT kettle", "source:kettle", "(", "*", "kettle*", "^kettle",
        "kettle NEAR/2 on", "- -", "\\", ":*", "a & | !", "';--", "\x00", "\ud83d", "x" * 5000,
        "🫖", "{a b}: c", "kettle + on", "message_search", " ".join("abcdefghijklmnop"),
    ],
)  # fmt: skip
def test_nothing_that_is_typed_is_an_error(as_ann, post, words):
    post(as_ann, "the kettle is on")
    query = words.encode("utf-8", "surrogatepass").decode("utf-8", "replace")
    search(as_ann, query)


def test_marks_and_text_are_never_markup(as_ann, post):
    post(as_ann, "`<b onclick=x>` kettle <script>")
    page = search(as_ann, "script kettle")
    assert "<script>" not in page
    assert "&lt;<mark>script</mark>&gt;" in page


def test_hits_come_newest_first_thirty_at_a_time(as_ann, room, ann, make_message):
    ids = [make_message(room, ann, f"kettle {number}").id for number in range(35)]
    first = search(as_ann, "kettle")
    assert hits(first) == 30
    assert first.index(f"around={ids[34]}#") < first.index(f"around={ids[33]}#")
    assert hits(search(as_ann, "kettle", before=ids[5])) == 5


def test_an_empty_search_says_what_to_do(as_ann):
    assert "Type the words" in search(as_ann, "")
    assert "Nothing found" in search(as_ann, "unheard-of")


@pytest.mark.parametrize("signs", ["🫖", "?!", "- -"])
def test_a_search_without_words_says_that_only_words_are_found(as_ann, signs):
    assert "Only words can be found" in search(as_ann, signs)
    assert "Try fewer words" not in search(as_ann, signs)
    assert "Try fewer words" in search(as_ann, f"unheard-of {signs}")
