from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class SessionEnded:
    """A sign-in is over: its sockets close."""

    session_id: int
    user_id: int
    workspace_seq: int


@dataclass(frozen=True, slots=True)
class SessionRenewed:
    """A sign-in has another cookie: its sockets close, and may come back with that."""

    session_id: int
    user_id: int
    workspace_seq: int


@dataclass(frozen=True, slots=True)
class PersonBarred:
    """A person was deactivated or banned: all their sockets close."""

    user_id: int
    workspace_seq: int


@dataclass(frozen=True, slots=True)
class PersonChanged:
    """A person shows another display name."""

    user_id: int
    workspace_seq: int
