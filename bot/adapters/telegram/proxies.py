"""The proxy on the way to the Bot API: HTTP, HTTPS, and SOCKS where its packages are installed."""

import importlib
from typing import Any
from urllib.request import getproxies, proxy_bypass

import aiohttp
from yarl import URL

from bot import secrecy
from bot.errors import ConfigError

KINDS = ("http", "https", "socks4", "socks5", "socks5h")


def check(text: str | None) -> URL | None:
    """The address of a proxy, None for none.

    Raises:
        ConfigError: it is no address, or needs packages that are not installed.
    """
    if not text:
        return None
    try:
        proxy = URL(text)
        sound = proxy.scheme in KINDS and bool(proxy.host)
    except ValueError:
        sound = False
    if not sound:
        raise ConfigError(
            f"telegram.proxy: cannot be used: {secrecy.mask(text)}; "
            f"write http://HOST:PORT, or one of {', '.join(KINDS[1:])}"
        )
    if proxy.scheme.startswith("socks"):
        _socks()
    return proxy


def usual(address: URL) -> URL | None:
    """The proxy that the environment names for an address, as httpx takes it.

    Raises:
        ConfigError: it cannot be used.
    """
    proxies = getproxies()
    found = proxies.get(address.scheme) or proxies.get("all")
    return None if not found or proxy_bypass(address.raw_host or "") else check(found)


def connector(proxy: URL, **settings: Any) -> aiohttp.BaseConnector:
    """What opens connections through a SOCKS proxy, which resolves the names."""
    settings.pop("ttl_dns_cache")
    # Resolving names at the proxy is what the h of socks5h says; the library knows no such scheme.
    address = str(proxy).replace("socks5h:", "socks5:", 1)
    made: aiohttp.BaseConnector = _socks().ProxyConnector.from_url(address, rdns=True, **settings)
    return made


def errors() -> tuple[type[Exception], ...]:
    """What the SOCKS library raises, always before a request has left; none is an error of aiohttp's."""
    library = _socks()
    return library.ProxyError, library.ProxyConnectionError, library.ProxyTimeoutError


def without_socks() -> ConfigError:
    """The error where the packages are missing."""
    return ConfigError("telegram.proxy: SOCKS needs two more packages: pip install aiohttp-socks socksio")


def _socks() -> Any:
    try:
        return importlib.import_module("aiohttp_socks")
    except ImportError as exc:
        raise without_socks() from exc
