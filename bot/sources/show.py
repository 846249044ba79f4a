"""How an address is written where people read it: without credentials, on one line, not too long."""

from urllib.parse import unquote, urlsplit

from bot import secrecy

LONG = 300  # characters
KEY_LONG = 24  # what is as long as a key is taken for one, whatever its name


def show(url: str) -> str:
    """The address for a message or a log."""
    try:
        parts = urlsplit(url)
    except ValueError:
        return plain(secrecy.mask(url))
    host = parts.netloc.rpartition("@")[2]
    query = "&".join(_cover(pair) for pair in parts.query.split("&")) if parts.query else ""
    text = f"{parts.scheme}://{host}" if parts.scheme and host else secrecy.mask(url.partition("?")[0])
    path = unquote(parts.path) if host else ""
    return plain(secrecy.mask(text + path + ("?" + query if query else "")))


def plain(text: str, long: int = LONG) -> str:
    """What somebody else wrote, on one line and shortened."""
    shown = "".join(sign if sign.isprintable() else " " for sign in text[: long + 1])
    return shown if len(shown) <= long else shown[: long - 1] + "…"


def _cover(pair: str) -> str:
    name, sign, value = pair.partition("=")
    if sign and (secrecy.KEY.search(name) or len(value) > KEY_LONG):
        return f"{name}={secrecy.MASK}"
    return pair if len(pair) <= KEY_LONG + LONG else secrecy.MASK
