"""Whether the web port can be had, and who can reach it."""

import asyncio
import errno
import ipaddress
import os
import socket
from collections.abc import Sequence
from typing import Any

import aiohttp

from bot.finding import Finding, fail, ok, warn

NAME = "web port"
SOON = 3.0  # seconds for an answer of what has the port
MOST = 65_535  # ports; the system would take a higher number for another one
SHORT = 16  # characters of a secret


async def check(place: str) -> list[Finding]:
    """What is to be said of HOST:PORT, of `web.listen`."""
    host, _, port = place.rpartition(":")
    host = host.strip("[]")
    try:
        if int(port) > MOST:
            raise OverflowError(f"there are ports up to {MOST} only")
        found = await asyncio.get_running_loop().getaddrinfo(
            host, int(port), type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE
        )
        addresses = [(family, address) for family, _, _, _, address in found]
        taken = await asyncio.to_thread(_taken, addresses)
    except (OSError, OverflowError, UnicodeError) as exc:
        said = getattr(exc, "strerror", None) or str(exc)
        return [fail(NAME, f"{place} cannot be used: {said}; name another place at web.listen")]
    near = all(_is_near(str(address[0])) for _, address in addresses)
    had = await _busy(place, str(addresses[0][1][0]), int(port)) if taken else ok(NAME, f"{place} is free")
    return [had] if near else [had, _open(place)]


def weak(secret: str) -> Finding | None:
    """What is to be said of the secret of pushes, if anything."""
    if len(secret) >= SHORT:
        return None
    return warn("push secret", f"shorter than {SHORT} characters; make one with `openssl rand -hex 32`")


def _taken(addresses: Sequence[tuple[int, Any]]) -> bool:
    """Whether somebody has one of the addresses; raises OSError where nobody can have it."""
    for family, address in addresses:
        with socket.socket(family, socket.SOCK_STREAM) as tried:
            tried.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            if family == socket.AF_INET6:
                tried.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_V6ONLY, 1)
            try:
                tried.bind(address)
            except OSError as exc:
                if exc.errno == errno.EADDRINUSE:
                    return True
                raise OSError(exc.errno, os.strerror(exc.errno or 0)) from exc
    return False


async def _busy(place: str, address: str, port: int) -> Finding:
    if await _is_ours(address, port):
        return ok(NAME, f"{place} is a running Paperboy's, which says that it is alive")
    return fail(NAME, f"{place} is taken by another program; end that, or name another place at web.listen")


async def _is_ours(address: str, port: int) -> bool:
    """Whether what has the port answers as a Paperboy does."""
    asked = ipaddress.ip_address(address.partition("%")[0])
    if asked.is_unspecified:
        asked = ipaddress.ip_address("::1" if asked.version == 6 else "127.0.0.1")
    host = f"[{asked}]" if asked.version == 6 else str(asked)
    timeout = aiohttp.ClientTimeout(total=SOON)
    try:
        async with (
            aiohttp.ClientSession(timeout=timeout) as session,
            session.get(f"http://{host}:{port}/healthz", allow_redirects=False) as answer,
        ):
            return answer.status == 200 and (await answer.content.read(100)).strip() == b"ok"
    except (aiohttp.ClientError, OSError, ValueError):
        return False


def _is_near(address: str) -> bool:
    return ipaddress.ip_address(address.partition("%")[0]).is_loopback


def _open(place: str) -> Finding:
    return warn(
        NAME,
        f"health and metrics are open to whoever reaches {place}; name 127.0.0.1, or keep others off by a "
        "firewall or a proxy",
    )
