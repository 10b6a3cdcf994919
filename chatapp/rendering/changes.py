"""Changed messages as a page that missed them is told: the same in an answer and in a frame."""

from collections.abc import Sequence

import msgspec

from chatapp.rendering.messages import Shown, articles


def changed_messages(rows: Sequence[Shown]) -> msgspec.Raw:
    """These rows of `shown_messages` as a JSON list, each with its whole article as it is now."""
    messages = [
        {
            "id": row.id,
            "seq": row.seq,
            "number": row.number,
            "author": row.author_id,
            "html": str(html),
        }
        for row, html in zip(rows, articles(rows), strict=True)
    ]
    return msgspec.Raw(msgspec.json.encode(messages))
