"""What the full-text index keeps for each message: its words and its room, in windows. Pure.

Messages are counted off by their ids into windows, and each term carries its window's number. So
`17·kettl*` walks through what begins so in one window, never in the whole history: a search that
goes from window to window, newest first, costs as much with ten million messages as with a few.
"""

from chatapp.text import words

# How many messages make a window. Larger ones make common beginnings dearer (all that begins so in
# a window is put together before the first hit), smaller ones make rare words dearer: there are
# more windows to ask. 131,072 has either at its worst at ten milliseconds.
WINDOW = 2**17

# No word contains these, and FTS5's "ascii" tokenizer takes them for letters.
_WORD, _ROOM = "·", "§"
# Nor this: it stands for the window while a message has no id yet.
ANY_WINDOW = "#"


def of_message(message_id: int, room_id: int, source: str) -> list[str]:
    """All its terms. A message without words has none."""
    return in_window(window_of(message_id), room_id, source)


def in_window(window: int | str, room_id: int, source: str) -> list[str]:
    """`of_message` for any message of that window."""
    begin = word_term(window, "")
    said = [begin + word for word in words.folded(source)]
    return [*said, room_term(window, room_id)] if said else []


def window_of(message_id: int) -> int:
    """The window that a message is in: 0, 1, 2 ..."""
    return message_id // WINDOW


def begin_of(window: int) -> int:
    """The lowest id in that window."""
    return window * WINDOW


def word_term(window: int | str, word: str) -> str:
    """The term of a folded word; the beginning of a word gives the beginning of the term."""
    return f"{window}{_WORD}{word}"


def room_term(window: int | str, room_id: int) -> str:
    """The term that every message of that room has."""
    return f"{window}{_ROOM}{room_id}"
