"""How Telegram says no (https://core.telegram.org/bots/api#making-requests)."""

import json
from dataclasses import dataclass, field
from typing import Any

REASONS = {
    400: "Bad Request",
    401: "Unauthorized",
    403: "Forbidden",
    404: "Not Found",
    409: "Conflict",
    413: "Request Entity Too Large",
    429: "Too Many Requests",
    500: "Internal Server Error",
    502: "Bad Gateway",
    503: "Service Unavailable",
    504: "Gateway Timeout",
}

MODIFIED = (
    "message is not modified: specified new message content and reply markup are exactly the same as a "
    "current content and reply markup of the message"
)
TOO_OLD = "query is too old and response timeout expired or query ID is invalid"


class Refusal(Exception):
    """A request that is answered with an error; `strict` where only this server minds, not Telegram."""

    def __init__(self, status: int, description: str, *, strict: bool = False, **parameters: int) -> None:
        super().__init__(description)
        self.status = status
        self.description = description
        self.strict = strict
        self.parameters = parameters


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """What goes back over the wire."""

    status: int = 200
    body: bytes = b""
    kind: str = "application/json"
    headers: dict[str, str] = field(default_factory=dict)
    result: Any = None
    description: str | None = None  # of an error


def bad(text: str) -> Refusal:
    """A 400 with its text as the Bot API writes it: the first letter small, but for codes in capitals."""
    coded = len(text) > 1 and (text[1] == "_" or "A" <= text[1] <= "Z")
    return Refusal(400, "Bad Request: " + (text if coded else text[:1].lower() + text[1:]))


def strict(text: str) -> Refusal:
    """A 400 for what Telegram lets pass in silence, though no bot means it."""
    return Refusal(400, f"Bad Request: strict: {text}", strict=True)


def forbidden(text: str) -> Refusal:
    """A 403."""
    return Refusal(403, f"Forbidden: {text}")


def flooded(seconds: int) -> Refusal:
    """A 429 that says how long to wait."""
    return Refusal(429, f"Too Many Requests: retry after {seconds}", retry_after=seconds)


def granted(result: Any) -> Answer:
    """The answer to a request that was carried out."""
    return Answer(body=encode({"ok": True, "result": result}), result=result)


def refused(refusal: Refusal) -> Answer:
    """The answer to a request that was not."""
    told: dict[str, Any] = {"ok": False, "error_code": refusal.status, "description": refusal.description}
    if refusal.parameters:
        told["parameters"] = refusal.parameters
    wait = refusal.parameters.get("retry_after")
    headers = {"Retry-After": str(wait)} if wait else {}
    return Answer(status=refusal.status, body=encode(told), headers=headers, description=refusal.description)


def page(status: int) -> Answer:
    """What a gateway in front of Telegram answers by itself: a page, not JSON."""
    title = f"{status} {REASONS.get(status, 'Error')}"
    html = f"<html>\r\n<head><title>{title}</title></head>\r\n<body>\r\n<center><h1>{title}</h1></center>\r\n"
    html += "<hr><center>nginx</center>\r\n</body>\r\n</html>\r\n"
    return Answer(status=status, body=html.encode(), kind="text/html", description=title)


def encode(value: Any) -> bytes:
    """JSON as Telegram writes it: compact, everything beyond ASCII escaped."""
    return json.dumps(value, separators=(",", ":")).encode()
