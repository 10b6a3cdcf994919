"""What can go wrong in a verb, in words a person can act on; `chatapp/errors.py` shows them."""


class DomainError(Exception):
    """The parent of all; `str()` is a sentence for the person (already translated)."""

    status = 400


class NotFound(DomainError):
    """It does not exist, or this person may not know that it does: the two look the same."""

    status = 404


class Forbidden(DomainError):
    """It exists and may be seen, but this is not theirs to do."""

    status = 403


class Conflict(DomainError):
    """It contradicts what is already there (the same client key with another body)."""

    status = 409


class Outdated(Conflict):
    """It was made from something that has changed since; nothing of that was replaced."""


class Invalid(DomainError):
    """The values are off. `fields` maps a field's name to its sentence."""

    status = 422

    def __init__(self, fields: dict[str, str]):
        super().__init__(" ".join(fields.values()))
        self.fields = fields


class TooMany(DomainError):
    """Too often; worth another try after `retry_after` seconds."""

    status = 429

    def __init__(self, message: str, retry_after: int):
        super().__init__(message)
        self.retry_after = retry_after


class Busy(DomainError):
    """The database cannot take writes right now. Nothing was changed, unless it says so."""

    status = 503
    retry_after = 2
