"""Keeps what is written in addresses and redirects from reaching into this machine and its network."""

import asyncio
import re
import socket
from dataclasses import dataclass
from ipaddress import IPv4Address, IPv6Address, ip_address, ip_network

import httpx

from bot.errors import SourceError
from bot.sources.proxies import usual
from bot.sources.show import plain, show

PORTS = {"http": 80, "https": 443, "ssh": 22, "git": 9418}
NAME = re.compile(r"(?i)[a-z0-9_](?:[a-z0-9_.-]{0,252})")
SCP = re.compile(
    r"(?:[\w.+-]{1,64}@)?(?P<host>\[[^\]\s]{2,64}\]|[^\s:/\\@\[\]-][^\s:/\\@\[\]]{1,253}):(?!:|//)"
)
NAT64 = ip_network("64:ff9b::/96")
WORLD = ip_network("2000::/3")  # all that is given out of IPv6 for the Internet
# Not for the Internet, whatever the tables of the older Pythons say; the last is Azure's own server,
# https://learn.microsoft.com/azure/virtual-network/what-is-ip-address-168-63-129-16
INNER = tuple(
    map(ip_network, ("192.0.0.0/24", "192.88.99.0/24", "2001::/23", "3fff::/20", "168.63.129.16/32"))
)
# Of no blog, whatever is allowed: here clouds keep the keys of their machines.
NEVER = tuple(map(ip_network, ("169.254.0.0/16", "fe80::/10", "fd00:ec2::/32", "168.63.129.16/32")))
LOCAL = ("localhost", "localdomain", "local", "internal", "intranet", "lan", "home.arpa")


@dataclass(frozen=True, slots=True, kw_only=True)
class Aim:
    """Where an address leads."""

    scheme: str  # empty: a path of this machine
    host: str
    port: int


async def check(url: str, *, private: bool) -> None:
    """See that an address leads out into the Internet; `git@host:path` and `ssh://` are understood too.

    Raises:
        SourceError: it leads to this machine or its network, which `private` allows, or nowhere.
    """
    aim = read(url)
    if private:
        if (written := _number(aim.host)) and is_forbidden(str(written)):
            raise _forbidden(aim.host, str(written))
        return
    if not aim.scheme:
        raise SourceError(f"{show(url)}: is a path of this machine; {_mend()}")
    if usual(aim.scheme, aim.host):
        check_written(aim.host)
        return
    for address in await look_up(aim.host, aim.port):
        if not is_public(address):
            raise _inner(aim.host, address)


async def resolve(host: str, port: int, *, private: bool) -> list[str]:
    """The addresses of a host that may be connected to, the best first.

    Raises:
        SourceError: there are none, or none that is public, unless `private` allows the others.
    """
    found = await look_up(host, port)
    if private:
        if kept := [address for address in found if not is_forbidden(address)]:
            return kept
        raise _forbidden(host, found[0])
    if public := [address for address in found if is_public(address)]:
        return public
    raise _inner(host, found[0])


def check_written(host: str) -> None:
    """See that a host is not written as one of this machine or its network, where a proxy resolves names.

    Raises:
        SourceError: it is an address that is not public, however spelt, or such a name.
    """
    if address := _number(host):
        if not is_public(str(address)):
            raise _inner(host, str(address))
        return
    name = host.rstrip(".").lower()
    if "." not in name or name.endswith(tuple("." + part for part in LOCAL)):
        raise _inner(host, "a name of the local network")


def is_public(address: str) -> bool:
    """Whether an address is one of the Internet; IPv4 within IPv6 is looked at as IPv4."""
    found = _undressed(ip_address(address))
    if isinstance(found, IPv6Address):
        return found in WORLD and found.is_global and not any(found in part for part in INNER)
    reserved = found.is_multicast or found.is_reserved or any(found in part for part in INNER)
    return found.is_global and not reserved


def _undressed(found: IPv4Address | IPv6Address) -> IPv4Address | IPv6Address:
    """The address of IPv4 that one of IPv6 stands for, if it does."""
    if isinstance(found, IPv4Address):
        return found
    if found in NAT64:
        return IPv4Address(int(found) & 0xFFFFFFFF)
    return found.ipv4_mapped or found.sixtofour or found


def is_forbidden(address: str) -> bool:
    """Whether nothing is asked there even where private addresses are allowed."""
    found = _undressed(ip_address(address))
    return any(found in part for part in NEVER if part.version == found.version)


def read(url: str) -> Aim:
    """Where an address leads, in any spelling that git or a browser takes.

    Raises:
        SourceError: it leads nowhere.
    """
    scheme, sign, rest = url.partition("://")
    scheme = scheme.lower()
    if not sign:
        return _read_short(url)
    if scheme == "file":
        return Aim(scheme="", host="", port=0)
    if scheme not in PORTS:
        raise SourceError(f"{show(url)}: is no address of the web; write https://HOST/PATH")
    netloc = re.split(r"[/?#]", rest, maxsplit=1)[0]
    try:
        found = httpx.URL(f"{scheme}://{netloc.rpartition('@')[2]}/")
        host, port = found.raw_host.decode("ascii"), found.port
    except (httpx.InvalidURL, UnicodeError) as exc:
        raise SourceError(f"{show(url)}: names no server: {plain(str(exc), 100)}") from exc
    if netloc.count("@") > 1 or "\\" in netloc:  # which part is the host is read differently by everybody
        raise SourceError(f"{show(url)}: its server is not written clearly; write {scheme}://HOST/PATH")
    _check_name(host, url)
    return Aim(scheme=scheme, host=host, port=port or PORTS[scheme])


def _read_short(url: str) -> Aim:
    """`user@host:path`, as git takes it for ssh, or a path."""
    if url.startswith("-") or "::" in url.partition("[")[0]:
        raise SourceError(f"{show(url)}: is no address of a repository; write https://HOST/PATH")
    if not (found := SCP.match(url)):
        return Aim(scheme="", host="", port=0)
    host = found["host"].strip("[]")
    _check_name(host, url)
    return Aim(scheme="ssh", host=host, port=PORTS["ssh"])


def _check_name(host: str, url: str) -> None:
    if not _number(host) and not NAME.fullmatch(host):
        raise SourceError(f"{show(url)}: names no server; write https://HOST/PATH")


def _number(host: str) -> IPv4Address | IPv6Address | None:
    """The address that a host is written as, in the spellings of `inet_aton` too: 0x7f.1, 2130706433."""
    try:
        return ip_address(host)
    except ValueError:
        pass
    try:
        return IPv4Address(socket.inet_aton(host.rstrip(".")))
    except (OSError, ValueError):
        return None


async def look_up(host: str, port: int) -> list[str]:
    """The addresses of a host, the best first.

    Raises:
        SourceError: there are none.
    """
    try:
        found = await asyncio.get_running_loop().getaddrinfo(host, port, type=socket.SOCK_STREAM)
    except (OSError, UnicodeError) as exc:
        said = exc.strerror if isinstance(exc, OSError) and exc.strerror else "no such name"
        raise SourceError(
            f"{plain(host)}: cannot be found: {said}; check how it is spelt, and this machine's DNS"
        ) from exc
    return list(dict.fromkeys(str(address[0]) for *_, address in found))


def _inner(host: str, address: str) -> SourceError:
    what = f" ({address})" if address != host else ""
    return SourceError(f"{plain(host)}{what}: not an address of the Internet; {_mend()}")


def _forbidden(host: str, address: str) -> SourceError:
    what = f" ({address})" if address != host else ""
    return SourceError(f"{plain(host)}{what}: is asked for nothing: no blog is there; check the address")


def _mend() -> str:
    return "where that is meant, set allow_private: true for the source"
