"""The error tree: what can go wrong outside this program, and what an operator can do about it.

    PaperboyError            says what, where and how to mend it; the command line prints it as one line
    ├── ConfigError          config.yaml or the environment does not say what is needed
    ├── SourceError          a source cannot be read now
    │   ├── Missing          there is nothing at that address
    │   └── Busy             it asks to be left alone for a while
    ├── StorageError         the database cannot be used as it is
    ├── UsageError           a command was called with something it cannot work on
    └── DeliveryError        a platform did not take a message; the kind says what helps
        ├── RateLimited      wait as told; never counts as a try
        ├── Unreachable      no way to the platform at all; waits, never counts as a try
        ├── Moved            the chat has another address now
        ├── Gone             the chat cannot be reached until it comes back
        ├── Rejected         the platform refuses what the message says
        ├── Transient        it may work later
        └── Unknown          nobody knows whether it arrived

Reading a digest raises none of them: whatever a post holds, it becomes a Post or a NotDigest.
"""


class PaperboyError(Exception):
    """Its text is meant for the operator: what, where, and how to mend it."""


class ConfigError(PaperboyError):
    """The configuration is missing, malformed or contradicts itself."""


class SourceError(PaperboyError):
    """A source cannot be read now; others are not concerned."""


class Missing(SourceError):
    """There is nothing at that address, and the server says so."""


class Busy(SourceError):
    """The server asks to be left alone for a while."""

    def __init__(self, said: str, seconds: float) -> None:
        super().__init__(said)
        self.seconds = seconds


class StorageError(PaperboyError):
    """The database cannot be used as it is."""


class UsageError(PaperboyError):
    """A command was given something it cannot work on."""


class DeliveryError(PaperboyError):
    """A platform did not take a message; adapters raise the kinds below."""


class RateLimited(DeliveryError):
    """The platform tells to wait: this chat, or everything we send there."""

    def __init__(self, seconds: float, *, everywhere: bool = False) -> None:
        super().__init__(f"told to wait {seconds:g} s")
        self.seconds = seconds
        self.everywhere = everywhere


class Unreachable(DeliveryError):
    """There is no way to the platform now: nothing has left, and nothing else would either."""


class Moved(DeliveryError):
    """The chat lives at another address now, and the message goes there."""

    def __init__(self, address: str) -> None:
        super().__init__("moved to another address")  # which is nobody's to read
        self.address = address


class Gone(DeliveryError):
    """The chat is not to be reached: blocked, deleted, left. It keeps everything until it comes back."""


class Rejected(DeliveryError):
    """The platform refuses the content; trying the same again is of no use."""


class Transient(DeliveryError):
    """The platform, or the way there, has a passing trouble; the message did not arrive."""


class Unknown(DeliveryError):
    """The connection broke after the message left: it may or may not have arrived."""
