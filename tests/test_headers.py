import re

import pytest
from flask import session

SAME_EVERYWHERE = {
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "Referrer-Policy": "same-origin",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
}


@pytest.fixture
def ann(make_user):
    return make_user("ann")


def policy_of(answer) -> dict[str, str]:
    parts = (
        part.strip().partition(" ") for part in answer.headers["Content-Security-Policy"].split(";")
    )
    return {name: value for name, _space, value in parts}


@pytest.mark.parametrize("path", ["/sign-in", "/profile", "/csrf-token", "/nowhere"])
def test_every_answer_carries_the_headers(client, ann, path):
    answer = client.get(path)
    assert {name: answer.headers[name] for name in SAME_EVERYWHERE} == SAME_EVERYWHERE
    assert "camera=()" in answer.headers["Permissions-Policy"]
    assert "no-store" in answer.headers["Cache-Control"]
    assert re.fullmatch(r"[0-9a-f]{16}", answer.headers["X-Request-ID"])


@pytest.mark.parametrize("path", ["/sign-in", "/csrf-token", "/nowhere"])
def test_no_cache_takes_one_answer_for_another(client, ann, path):
    """With a session that is begun by it, or only read."""
    for _ in range(2):
        answer = client.get(path)
        assert answer.headers.getlist("Vary") == ["Accept-Encoding, Cookie"]


def test_what_an_answer_says_itself_counts(app, client, ann):
    app.view_functions["chat.up"] = lambda: ("fine", {"Cache-Control": "max-age=5"})
    answer = client.get("/up")
    assert answer.headers.getlist("Cache-Control") == ["max-age=5"]
    assert answer.headers["X-Frame-Options"] == "DENY"


def test_what_an_answer_hangs_on_itself_is_said_beside_the_rest(app, client, ann):
    def view():
        session["seen"] = "yes"
        return "fine", {"Vary": "Accept, Cookie"}

    app.view_functions["chat.up"] = view
    assert client.get("/up").headers.getlist("Vary") == ["Accept-Encoding, Cookie, Accept"]


def test_pages_run_nothing_that_is_not_ours(client, ann):
    answer = client.get("/sign-in")
    policy = policy_of(answer)
    nonce = re.search(r"'nonce-([\w-]{20,})'", policy["script-src"])
    assert nonce
    assert policy["script-src"] == f"'self' 'nonce-{nonce[1]}'"
    assert policy["style-src"] == f"'self' 'nonce-{nonce[1]}'"
    assert policy["default-src"] == policy["object-src"] == policy["base-uri"] == "'none'"
    assert policy["frame-ancestors"] == "'none'"
    assert policy["form-action"] == "'self'"
    assert policy["connect-src"] == "'self' ws://localhost"
    assert "unsafe" not in answer.headers["Content-Security-Policy"]
    # Each script of the page has this nonce, and there is no other one. Data is no script.
    assert set(re.findall(r'nonce="([^"]*)"', answer.text)) == {nonce[1]}
    scripts = re.findall(r"<script[^>]*>", answer.text)
    assert scripts
    assert all("nonce=" in one or 'type="application/json"' in one for one in scripts)
    assert " style=" not in answer.text
    assert not re.search(r"\son\w+=", answer.text)


def test_each_answer_has_a_nonce_of_its_own(client, ann):
    first, second = (policy_of(client.get("/sign-in"))["script-src"] for _ in range(2))
    assert first != second


def test_a_page_that_is_kept_for_everybody_has_each_answers_nonce(
    make_client, sign_in, make_user, make_room
):
    people = [make_user(name) for name in ("bob", "eve")]
    room = make_room("kitchen", members=people)
    answers = [sign_in(make_client(), who).get(f"/rooms/{room.id}") for who in people]
    for answer in answers:
        in_page = set(re.findall(r'(?:nonce|"csp-nonce" content)="([^"]*)"', answer.text))
        assert policy_of(answer)["script-src"] == f"'self' 'nonce-{in_page.pop()}'"
        assert not in_page
    assert len({policy_of(answer)["script-src"] for answer in answers}) == 2


def test_error_pages_are_as_safe(client, ann):
    answer = client.get("/nowhere")
    assert policy_of(answer)["default-src"] == "'none'"


def test_a_forged_host_does_not_get_into_the_policy(client, ann):
    answer = client.get("/sign-in", headers={"Host": "evil.example;script-src *"})
    assert "evil.example;script-src" not in answer.headers.get("Content-Security-Policy", "")


def test_browsers_are_told_to_stay_with_tls_only_under_tls(client, ann):
    assert "Strict-Transport-Security" not in client.get("/sign-in").headers
    answer = client.get("/sign-in", base_url="https://localhost")
    assert answer.headers["Strict-Transport-Security"] == "max-age=31536000"
    assert policy_of(answer)["connect-src"] == "'self' wss://localhost"


def test_static_files_are_kept_for_ever_and_know_no_session(client, ann):
    page = client.get("/sign-in").text
    url = re.search(r'<link rel="stylesheet" href="(/static/[^"]+)"', page)
    assert url
    answer = client.get(url[1])
    assert "immutable" in answer.headers["Cache-Control"]
    assert "Set-Cookie" not in answer.headers
    assert answer.headers["X-Content-Type-Options"] == "nosniff"
    assert "Cookie" not in answer.headers.get("Vary", "")
