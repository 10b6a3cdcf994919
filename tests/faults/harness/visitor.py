"""Somebody who loads a page again and again, and keeps what came of it, failures included."""

from dataclasses import dataclass

import gevent

from tests.faults.harness.history import clock
from tests.faults.harness.person import Person
from tests.faults.harness.wire import Address, Wire

PAUSE_SECONDS = 0.02
# The status of a try that got none.
NO_ANSWER = 0


@dataclass(slots=True, frozen=True)
class Visit:
    """One try: what was answered, after how long; `error` says why nothing was."""

    status: int
    seconds: float
    error: str = ""


class Visitor:
    """Goes straight to the server, past the proxy: what fails there is the server's own doing.

    `anew`: each time on a new connection, as somebody who has not been there before.
    """

    def __init__(self, person: Person, address: Address, path: str, *, anew: bool = False) -> None:
        self.visits: list[Visit] = []
        self._person, self._path, self._anew = person, path, anew
        self._wire = Wire(address, host=person.origin.partition("//")[2])
        self._stopped = False
        self._greenlet = gevent.spawn(self._run)

    @property
    def failures(self) -> list[Visit]:
        return [visit for visit in self.visits if visit.status != 200]

    def stop(self) -> None:
        """Wait for the answer that is under way, so that it is kept, however late it is."""
        self._stopped = True
        self._greenlet.join()
        self._wire.close()

    def _run(self) -> None:
        while not self._stopped:
            self.visits.append(self._visit())
            gevent.sleep(PAUSE_SECONDS)

    def _visit(self) -> Visit:
        began = clock()
        if self._anew:
            self._wire.close()
        try:
            status = self._person.get(self._path, self._wire).status
        except ConnectionError as error:
            return Visit(NO_ANSWER, clock() - began, str(error))
        return Visit(status, clock() - began)
