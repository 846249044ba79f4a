"""How Discord says no (https://discord.com/developers/docs/topics/opcodes-and-status-codes)."""

import json
from dataclasses import dataclass, field
from typing import Any

CODES = {
    10002: (404, "Unknown Application"),
    10003: (404, "Unknown Channel"),
    10004: (404, "Unknown Guild"),
    10007: (404, "Unknown Member"),
    10008: (404, "Unknown Message"),
    10013: (404, "Unknown User"),
    10015: (404, "Unknown Webhook"),
    10062: (404, "Unknown interaction"),
    10063: (404, "Unknown application command"),
    10087: (404, "Unknown tag"),
    20012: (403, "You are not authorized to perform this action on this application"),
    30034: (400, "Max number of daily application command creates has been reached (200)"),
    30046: (429, "Maximum number of edits to messages older than 1 hour reached. Try again later"),
    30048: (400, "Maximum number of tags in a forum channel has been reached (20)"),
    40003: (429, "You are opening direct messages too fast"),
    40005: (413, "Request entity too large"),
    40033: (400, "This message has already been crossposted"),
    40058: (400, "Cannot send messages in a forum channel"),
    40060: (400, "Interaction has already been acknowledged."),
    40061: (400, "Tag names must be unique"),
    40066: (400, "There are no tags available that can be set by non-moderators"),
    40067: (400, "A tag is required to create a forum post in this channel"),
    40094: (400, "This interaction has hit the maximum number of follow up messages"),
    50001: (403, "Missing Access"),
    50005: (403, "Cannot edit a message authored by another user"),
    50006: (400, "Cannot send an empty message"),
    50007: (403, "Cannot send messages to this user"),
    50008: (400, "Cannot send messages in a non-text channel"),
    50013: (403, "Missing Permissions"),
    50021: (403, "Cannot execute action on a system message"),
    50024: (400, "Cannot execute action on this channel type"),
    50027: (401, "Invalid Webhook Token"),
    50033: (400, "Invalid Recipient(s)"),
    50035: (400, "Invalid Form Body"),
    50041: (400, "Invalid API version provided"),
    50046: (400, "Invalid asset"),
    50083: (400, "Thread is archived"),
    50109: (400, "The request body contains invalid JSON."),
    50278: (403, "Cannot send messages to this user due to having no mutual guilds"),
    160002: (400, "Cannot reply without permission to read message history"),
    160004: (400, "A thread has already been created for this message"),
    160005: (400, "This thread is locked"),
    160006: (400, "Maximum number of active threads reached"),
    160007: (400, "Maximum number of active announcement threads reached"),
}
REASONS = {
    400: "Bad Request",
    401: "Unauthorized",
    403: "Forbidden",
    404: "Not Found",
    405: "Method Not Allowed",
    429: "Too Many Requests",
    500: "Internal Server Error",
    502: "Bad Gateway",
    503: "Service Unavailable",
    504: "Gateway Time-out",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Fault:
    """What is wrong with one field of a body; `strict` where only this server minds, not Discord."""

    path: tuple[str | int, ...]
    code: str
    text: str
    strict: bool = False


class Refusal(Exception):
    """A request that is answered with an error."""

    def __init__(
        self, status: int, code: int, text: str, *, faults: tuple[Fault, ...] = (), **more: Any
    ) -> None:
        super().__init__(text)
        self.status = status
        self.code = code
        self.text = text
        self.faults = faults
        self.more = more  # further fields of the body

    @property
    def strict(self) -> bool:
        return bool(self.faults) and all(fault.strict for fault in self.faults)

    def __str__(self) -> str:
        told = "; ".join(f"{'.'.join(map(str, f.path))}: {f.text}" for f in self.faults)
        return f"{self.text} {told}".strip()


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """What goes back over the wire."""

    status: int = 200
    body: bytes = b""
    kind: str = "application/json"
    headers: dict[str, str] = field(default_factory=dict)
    result: Any = None
    refusal: Refusal | None = None


def no(code: int) -> Refusal:
    """A refusal by its number, in Discord's words."""
    status, text = CODES[code]
    return Refusal(status, code, text)


def plain(status: int) -> Refusal:
    """A refusal without a number of its own: 401, 404, 405."""
    return Refusal(status, 0, f"{status}: {REASONS[status]}")


def form(*faults: Fault) -> Refusal:
    """A body with faults; what Discord itself minds is told alone."""
    real = tuple(fault for fault in faults if not fault.strict)
    return Refusal(400, 50035, "Invalid Form Body", faults=real or faults)


def fault(*path: str | int, code: str, text: str) -> Fault:
    """What is wrong with a field."""
    return Fault(path=path, code=code, text=text)


def strict(*path: str | int, text: str) -> Fault:
    """What Discord lets pass in silence, though no bot means it."""
    return Fault(path=path, code="STRICT", text=f"strict: {text}", strict=True)


def missing(*path: str | int) -> Fault:
    """A field that is not there."""
    return fault(*path, code="BASE_TYPE_REQUIRED", text="This field is required")


def too_long(most: int, *path: str | int) -> Fault:
    """A text or a list that is too long."""
    return fault(*path, code="BASE_TYPE_MAX_LENGTH", text=f"Must be {most} or fewer in length.")


def bad_length(least: int, most: int, *path: str | int) -> Fault:
    """A text or a list that is too long or too short."""
    return fault(*path, code="BASE_TYPE_BAD_LENGTH", text=f"Must be between {least} and {most} in length.")


def granted(result: Any, status: int = 200) -> Answer:
    """The answer to a request that was carried out; None: there is nothing to say."""
    if result is None:
        return Answer(status=204)
    return Answer(status=status, body=encode(result), result=result)


def refused(refusal: Refusal) -> Answer:
    """The answer to a request that was not."""
    told: dict[str, Any] = {"message": refusal.text, "code": refusal.code}
    if refusal.faults:
        told["errors"] = _tree(refusal.faults)
    headers = refusal.more.get("headers", {})
    told |= {name: value for name, value in refusal.more.items() if name != "headers"}
    return Answer(status=refusal.status, body=encode(told), headers=headers, refusal=refusal)


def page(status: int, headers: dict[str, str] | None = None) -> Answer:
    """What a gateway in front of Discord answers by itself: a page, not JSON."""
    title = f"{status} {REASONS.get(status, 'Error')}"
    html = f"<html>\r\n<head><title>{title}</title></head>\r\n<body>\r\n<center><h1>{title}</h1></center>\r\n"
    html += "<hr><center>cloudflare</center>\r\n</body>\r\n</html>\r\n"
    return Answer(
        status=status,
        body=html.encode(),
        kind="text/html; charset=UTF-8",
        headers=headers or {},
        refusal=Refusal(status, 0, title),
    )


def encode(value: Any) -> bytes:
    """JSON as Discord writes it: compact."""
    return json.dumps(value, separators=(",", ":")).encode()


def _tree(faults: tuple[Fault, ...]) -> dict[str, Any]:
    tree: dict[str, Any] = {}
    for one in faults:
        here = tree
        for step in one.path:
            here = here.setdefault(str(step), {})
        here.setdefault("_errors", []).append({"code": one.code, "message": one.text})
    return tree
