"""What git complains of, in words for the operator: what, where, and how to mend it."""

import re
from collections.abc import Callable
from functools import partial

from bot.errors import Busy, Missing, SourceError
from bot.sources.show import plain

REST = 900.0  # seconds; git does not say how long a busy server wants to be left alone

NO_RIGHTS = (
    "may not be read, or is not there; check the address, and give it a token that may read its content "
    "(`token:`), or for ssh a key that the server knows"
)


def _busy(said: str) -> SourceError:
    return Busy(said, REST)


# In the order in which they are tried; git is asked to speak English.
TROUBLES: tuple[tuple[str, Callable[[str], SourceError], str], ...] = (
    (r"dubious ownership", SourceError,
     "belongs to another user of this machine; run: git config --global --add safe.directory {place}"),
    (r"died of signal|Out of memory|Cannot allocate", SourceError,
     "git was killed or found no memory; is there too little?"),
    (r"No space left on device|Disk quota exceeded", SourceError,
     "no space left where copies of repositories lie; make room there"),
    (r"returned error: 30\d", Missing,
     "has moved; try it with .git at its end, or look its address up in a browser"),
    (r"returned error: (429|503)", _busy, "asks to be left alone for a while"),
    (r"returned error: 5\d\d", SourceError,
     "the server has a trouble of its own; tried again at the next look"),
    (r"Host key verification failed|authenticity of host|host key is known", SourceError,
     "ssh does not know this server; compare its key with what its owner says, and add it: "
     "ssh-keyscan HOST >> ~/.ssh/known_hosts"),
    (r"cannot run ssh|ssh: not found|ssh: command not found", SourceError,
     "there is no ssh on this machine; install openssh-client, or write https://"),
    (r"could not read (Username|Password)|Authentication failed|returned error: 40[13]|Access denied"
     r"|Permission denied \(|Permission to .{1,200} denied|HTTP Basic|terminal prompts disabled"
     r"|access denied or repository not exported|Repository not found", SourceError, NO_RIGHTS),
    (r"SSL certificate|certificate verif|server verification failed|self.signed certificate", SourceError,
     "its certificate is not trusted; check the address and this machine's clock, or name its CA: "
     "git config --global http.sslCAInfo FILE"),
    (r"gnutls_handshake|TLS packet|SSL routines|SSL_connect|SSL_ERROR|wrong version number", SourceError,
     "no TLS with it; check http:// against https:// and the port"),
    (r"Could not resolve|Name or service not known|Temporary failure in name", SourceError,
     "its server cannot be found; check how it is spelt, and this machine's DNS"),
    (r"Failed to connect|Couldn't connect|Connection refused|Connection timed out|No route to host"
     r"|Network is unreachable|Operation timed out|unable to connect|Connection reset|Could not connect",
     SourceError, "no connection: is it up, and is the address right?"),
    (r"Operation too slow|transfer closed|RPC failed|early EOF|hung up unexpectedly|unexpected disconnect"
     r"|Empty reply|Recv failure|remote end hung up|expected flush|Connection closed", SourceError,
     "the connection broke; tried again at the next look"),
    (r"repository '.{0,2000}' not found|does not appear to be a git repository|No such file or directory"
     r"|returned error: 4(04|10)|not valid: is this a git repository", Missing,
     "no such repository; check the address; one that is not public needs a token (`token:`)"),
    (r"protocol .{1,100} is not supported|transport .{1,100} not allowed|helper '.{1,100}'", SourceError,
     "this machine's git cannot speak to it; write https://HOST/PATH"),
)  # fmt: skip
_TROUBLES = tuple((re.compile(pattern, re.IGNORECASE), kind, text) for pattern, kind, text in TROUBLES)


def known_trouble(said: str) -> Callable[[str], SourceError] | None:
    """What git complained of as an error to be made with its place, None where nobody knows it."""
    own = _own(said)
    for pattern, kind, text in _TROUBLES:
        if pattern.search(own):
            return partial(_made, kind, text)
    return None


def trouble(place: str, said: str) -> SourceError:
    """What git complained of."""
    if known := known_trouble(said):
        return known(place)
    lines = [line for line in _own(said).splitlines() if line.strip()]
    line = next((line for line in lines if line.startswith(("fatal:", "error:"))), lines[-1] if lines else "")
    return SourceError(f"{place}: git does not read it: {plain(line.strip(), 200) or 'it does not say why'}")


def _made(kind: Callable[[str], SourceError], text: str, place: str) -> SourceError:
    return kind(f"{place}: {text.replace('{place}', place)}")


def _own(said: str) -> str:
    """What git itself said, without what a server had it say."""
    return "\n".join(line for line in said.splitlines() if not line.startswith("remote:"))
