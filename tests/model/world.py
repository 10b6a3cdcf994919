"""What rooms, members and messages are, in plain Python: the specification that is executed."""

from dataclasses import dataclass, field


@dataclass
class Said:
    """A message as its room's page shows it."""

    number: int
    author: int
    key: str
    body: str
    posted_seq: int
    seq: int
    id: int = 0
    deleted: bool = False
    reactions: set[tuple[str, int]] = field(default_factory=set)
    first_body: str = ""

    def __post_init__(self) -> None:
        self.first_body = self.body


@dataclass
class ModelRoom:
    """A room: who is in it, what was said, and how many changes its page has seen."""

    kind: str
    creator: int
    members: set[int] = field(default_factory=set)
    said: list[Said] = field(default_factory=list)
    head: int = 0

    def next_seq(self) -> int:
        self.head += 1
        return self.head

    def enter(self, user: int) -> None:
        """Become a member; twice changes nothing."""
        if user not in self.members:
            self.members.add(user)
            self.next_seq()

    def exit(self, user: int) -> None:
        """Stop being one; twice changes nothing."""
        if user in self.members:
            self.members.discard(user)
            self.next_seq()

    def may_leave(self, user: int) -> int:
        """The status that somebody's leaving is answered with: a closed room keeps its last one."""
        if user not in self.members:
            return 404
        return 409 if self.kind == "closed" and self.members == {user} else 303

    def post(self, author: int, key: str, body: str) -> Said:
        """Say something; the caller knows that the key is new."""
        seq = self.next_seq()
        said = Said(len(self.said) + 1, author, key, body, seq, seq)
        self.said.append(said)
        return said

    def edit(self, said: Said, body: str) -> None:
        """The same text changes nothing."""
        if body != said.body:
            said.body, said.seq = body, self.next_seq()

    def delete(self, said: Said) -> None:
        """Twice changes nothing."""
        if not said.deleted:
            said.deleted, said.body, said.seq = True, "", self.next_seq()
            said.reactions.clear()

    def react(self, said: Said, emoji: str, user: int, *, on: bool) -> None:
        """What is there already, or not there, changes nothing."""
        if ((emoji, user) in said.reactions) != on:
            said.reactions ^= {(emoji, user)}
            said.seq = self.next_seq()

    def may_be_known_by(self, user: int) -> bool:
        return self.kind == "open" or user in self.members
