"""What can go wrong on the network, in words for the operator: the one place where it is translated."""

import contextlib
import os
import ssl
from collections.abc import Callable, Iterator

import httpcore
import httpx

from bot.errors import SourceError
from bot.sources.show import plain, show

FOREIGN = (
    httpx.InvalidURL,
    httpx.HTTPError,
    httpx.StreamError,
    httpcore.TimeoutException,
    httpcore.NetworkError,
    httpcore.ProtocolError,
    httpcore.ProxyError,
    httpcore.UnsupportedProtocol,
    ssl.SSLError,
    OSError,
    ImportError,  # a SOCKS proxy needs a package of its own
    UnicodeError,
)


class Denied(SourceError):
    """The server answers, and gives nothing: a login, a refusal, redirects without an end."""

    def __init__(self, said: str, status: int = 0) -> None:
        super().__init__(said)
        self.status = status  # of HTTP; 0: that of no single answer


class Refused(Exception):
    """Why an answer is not taken; whoever knows the address says it on with it."""


class Astray(Refused):
    """It leads on and on."""


@contextlib.contextmanager
def told(where: Callable[[], str]) -> Iterator[None]:
    """Has what goes wrong on the network raised as SourceError, with the address that it concerns."""
    try:
        yield
    except (Refused, *FOREIGN) as exc:
        kind = Denied if isinstance(exc, Astray) else SourceError
        raise kind(f"{show(where())}: {explain(exc)}") from exc


def explain(exc: BaseException) -> str:
    """What went wrong and how to mend it, on one line, to follow an address and a colon."""
    match exc:
        case Refused():
            return str(exc)
        case httpx.InvalidURL():
            return f"is no address that can be asked: {plain(str(exc), 100)}"
        case httpx.RemoteProtocolError():  # httpx looks at the address of a redirect by itself
            return f"leads to what is no address: {plain(str(exc), 100)}"
        case httpcore.UnsupportedProtocol():
            return "is no address of the web; write https://HOST/PATH"
        case UnicodeError():
            return "a header to be sent holds signs that it cannot; check fetch.agent and the token"
        case httpcore.LocalProtocolError():  # its text shows the header, which may be a token
            return "a header to be sent holds blanks or line ends; check fetch.agent and the token"
        case ImportError():
            return "the proxy of the environment is a SOCKS proxy, which needs: pip install socksio"
        case httpcore.ProxyError():
            return f"the proxy of the environment does not let it through: {plain(str(exc), 100)}"
        case httpcore.RemoteProtocolError():
            return f"does not answer in proper HTTP: {plain(str(exc), 100)}"
    return _lost(exc)


def _lost(exc: BaseException) -> str:
    """Why there is no connection, or no longer one."""
    for cause in _causes(exc):
        if isinstance(cause, ssl.SSLCertVerificationError):
            return (
                f"its certificate is not trusted: {cause.verify_message or cause.reason}; "
                "check the address, this machine's clock, or name a CA in SSL_CERT_FILE"
            )
        if isinstance(cause, ssl.SSLError):
            said = (cause.reason or "TLS failed").replace("_", " ").lower()
            return f"no TLS with it: {said}; check http:// against https:// and the port"
    numbers = (cause.errno for cause in _causes(exc) if isinstance(cause, OSError))
    said = next((os.strerror(number).lower() for number in numbers if number), "")
    if isinstance(exc, httpcore.ConnectError | httpcore.ConnectTimeout):
        return f"no connection: {said or 'it does not answer'}; is it up, and are address and port right?"
    return f"the connection broke{': ' if said else ''}{said}; tried again at the next look"


def _causes(exc: BaseException) -> Iterator[BaseException]:
    """The error and what led to it."""
    current: BaseException | None = exc
    while current:
        yield current
        if isinstance(current, BaseExceptionGroup):
            yield from current.exceptions
        current = current.__cause__ or current.__context__
