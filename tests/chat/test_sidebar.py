"""What stands beside every page."""

from tests.queries import counted


def test_the_sidebar_lists_own_rooms_by_name(as_ann, as_eve, room, closed_room):
    page = as_ann.get("/sidebar").text
    assert page.index("attic") < page.index("kitchen")
    assert "kitchen" not in as_eve.get("/sidebar").text


def test_the_sidebar_takes_one_query_besides_the_sign_in(app, as_ann, ann, make_room):
    for number in range(30):
        make_room(f"room {number}", members=[ann])
    with counted(app) as first:
        as_ann.get("/sidebar")
    with counted(app) as statements:
        as_ann.get("/sidebar")
    assert len(first) <= 3, first
    assert len(statements) <= 2, statements


def test_the_room_on_screen_is_the_current_page(as_ann, room):
    page = as_ann.get(f"/rooms/{room.id}").text
    assert f'href="/rooms/{room.id}" aria-current="page"' in page
