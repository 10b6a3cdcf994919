"""An admin sees in numbers how a worker is doing; nobody else does."""


def test_an_admin_sees_the_numbers(client, make_user, sign_in):
    answer = sign_in(client, make_user("ann", role="admin")).get("/workspace/health")
    assert answer.status_code == 200
    health = answer.get_json()
    assert set(health) == {"process", "sockets", "waiting", "loop"}
    assert health["process"]["memory_mib"] > 10
    assert health["process"]["open_files"] > 3
    assert health["sockets"]["open"] == 0
    assert health["waiting"] == {"hints": 0, "slow_sockets": 0, "database_connections": 1}
    # Only a gevent worker has a loop to watch.
    assert health["loop"]["watched"] is False
    assert answer.headers["Cache-Control"] == "private, no-store"


def test_a_member_does_not(client, make_user, sign_in):
    answer = sign_in(client, make_user("bob")).get("/workspace/health")
    assert answer.status_code == 403
    assert "memory" not in answer.text
