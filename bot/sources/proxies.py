"""The proxy that the environment names, as httpx and git take it."""

from urllib.request import getproxies, proxy_bypass


def usual(scheme: str, host: str) -> str | None:
    """The address of the proxy on the way to a host, None where there is none."""
    proxies = getproxies()
    found = proxies.get(scheme) or proxies.get("all")
    if scheme not in ("http", "https") or not found or proxy_bypass(host):
        return None
    return found if "://" in found else f"http://{found}"
