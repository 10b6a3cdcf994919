"""Storing what waits to be posted in one room, on PostgreSQL, in one go.

Every worker needs the lock of the room's row. Statements sent one by one would hold it for as many
round trips, and each time for as long as the loop needs to come back. So the lock, all rows and the
commit leave together (`transaction.in_one_go`), and the lock is held for no longer than the server
works and waits for its disk.
"""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any, NamedTuple

import msgspec

from chatapp.domain import search_terms

# By itself: what the next statement sees was committed before the lock was had. So nobody posts
# after their removal, which needs the lock, too, and a key that another worker has stored is known.
#
# It also has the next statement planned once, not for each post, which took as long as storing
# two. That plan must do for rooms and histories of any size, since it may be made while they are
# small: what could be answered by walking through a whole table is asked by its key, as one value
# (an EXISTS may become a table of all that there is).
LOCK = """
SELECT set_config('plan_cache_mode', 'force_generic_plan', true),
  set_config('enable_seqscan', 'off', true)
FROM rooms WHERE id = %(room_id)s FOR UPDATE
"""

# Who is no member, or has used the key before, takes no place. `allowed` asks for each by its key,
# not for all members of the room. A key that another worker is storing in another room at this very
# moment is waited for, then it is an error: nothing is stored.
STORE = """
WITH asked AS (
  SELECT * FROM ROWS FROM (
    json_to_recordset(%(posts)s::json) AS (
      author_id bigint, client_key text, fingerprint text, source text, html text, terms text)
  ) WITH ORDINALITY AS asked (author_id, client_key, fingerprint, source, html, terms, place)
  LIMIT %(count)s
), allowed AS (
  SELECT *,
    (SELECT display_name FROM memberships JOIN users ON users.id = user_id
      WHERE room_id = %(room_id)s AND user_id = asked.author_id
        AND status = 'active') AS author_name,
    (SELECT id FROM messages
      WHERE author_id = asked.author_id AND client_key = asked.client_key) IS NOT NULL
    OR row_number() OVER (PARTITION BY author_id, client_key ORDER BY place) > 1 AS is_known
  FROM asked
), fresh AS (
  SELECT *, row_number() OVER (ORDER BY place) AS nth FROM allowed
  WHERE author_name IS NOT NULL AND NOT is_known
), room AS (
  UPDATE rooms SET head_seq = head_seq + count, last_number = last_number + count
  FROM (SELECT count(*) FROM fresh) AS counted WHERE id = %(room_id)s
  RETURNING head_seq - count AS seq, last_number - count AS number
), stored AS (
  INSERT INTO messages
    (room_id, author_id, client_key, fingerprint, source, html, number, seq, posted_seq, posted_at)
  SELECT %(room_id)s, author_id, client_key, decode(fingerprint, 'hex'), source, html,
    number + nth, seq + nth, seq + nth, %(posted_at)s
  FROM fresh, room ORDER BY nth
  RETURNING id, author_id, client_key, number, seq
), entered AS (
  INSERT INTO message_search (message_id, room_id, document)
  SELECT id, %(room_id)s, array_to_tsvector(
    string_to_array(replace(terms, %(any_window)s, (id / %(window)s)::text), ' '))
  FROM stored JOIN fresh USING (author_id, client_key)
), read AS (
  UPDATE memberships
  SET read_number = (SELECT max(number) FROM stored WHERE author_id = user_id)
  WHERE room_id = %(room_id)s AND user_id = ANY (ARRAY (SELECT author_id FROM stored))
)
SELECT author_name, stored.id, number, seq, (SELECT head_seq FROM workspace WHERE id = 1)
FROM allowed LEFT JOIN stored ON NOT is_known AND stored.author_id = allowed.author_id
  AND stored.client_key = allowed.client_key
ORDER BY place
"""


class Found(NamedTuple):
    """What became of one of them.

    No `author_name`: not a member, or barred. No `id`: its key was known.
    """

    author_name: str | None
    id: int | None
    number: int
    seq: int
    workspace_seq: int


def statements(
    batch: Sequence[Mapping[str, Any]], moment: datetime
) -> list[tuple[str, dict[str, Any]]]:
    """What stores these posts of one room; the last gives a `Found` for each, in their order."""
    posts = [
        {
            "author_id": one["author_id"],
            "client_key": one["client_key"],
            "fingerprint": one["fingerprint"].hex(),
            "source": one["source"],
            "html": one["html"],
            "terms": _terms(one),
        }
        for one in batch
    ]
    values = {
        # As one text: psycopg looks at each element of a list, which takes it longer.
        "posts": msgspec.json.encode(posts).decode(),
        "count": len(posts),
        "room_id": batch[0]["room_id"],
        "posted_at": moment,
        "any_window": search_terms.ANY_WINDOW,
        "window": search_terms.WINDOW,
    }
    return [(LOCK, values), (STORE, values)]


def _terms(values: Mapping[str, Any]) -> str:
    # Which window they are in is known with the id.
    return " ".join(
        search_terms.in_window(search_terms.ANY_WINDOW, values["room_id"], values["source"])
    )
