"""What goes wrong on purpose."""

from collections.abc import Callable
from dataclasses import dataclass

from tests.fakes.telegram.journal import Request
from tests.fakes.telegram.refusal import REASONS, Answer, Refusal, page, refused


@dataclass(slots=True, kw_only=True, eq=False)
class Fault:
    """Something that happens to the next requests of a kind."""

    method: str  # "*" for all
    times: int | None  # None: for ever
    when: Callable[[Request], object] | None
    seconds: float = 0.0  # of delay
    cut: bool = False
    answer: Answer | None = None
    handled: bool = False  # whether the request is carried out all the same

    def meets(self, request: Request) -> bool:
        """Whether this happens to the request; counts it then."""
        if self.times == 0 or self.method not in {"*", request.method}:
            return False
        if self.when and not self.when(request):
            return False
        if self.times:
            self.times -= 1
        return True


@dataclass(slots=True, kw_only=True)
class Fate:
    """All that happens to one request."""

    seconds: float = 0.0
    fault: Fault | None = None  # the first that cuts or answers


class Script:
    """The faults that are yet to happen."""

    def __init__(self) -> None:
        self._faults: list[Fault] = []

    def add(self, fault: Fault) -> None:
        """Have something go wrong."""
        self._faults.append(fault)

    def clear(self) -> None:
        """From now on all goes well."""
        self._faults.clear()

    def fate(self, request: Request) -> Fate:
        """What happens to a request: every delay that meets it, and the first other fault."""
        fate = Fate()
        if not self._faults:
            return fate
        for fault in self._faults:
            if fault.seconds:
                fate.seconds += fault.seconds if fault.meets(request) else 0.0
            elif fate.fault is None and fault.meets(request):
                fate.fault = fault
        self._faults = [fault for fault in self._faults if fault.times != 0]
        return fate


def scripted(status: int, description: str | None, parameters: dict[str, int], html: bool | None) -> Answer:
    """The answer that a test asks for; a page where a gateway would answer by itself."""
    if html or (html is None and status >= 502 and description is None):
        return page(status)
    if description is None:
        description = REASONS.get(status, "Error")
        if wait := parameters.get("retry_after"):
            description += f": retry after {wait}"
    return refused(Refusal(status, description, **parameters))
