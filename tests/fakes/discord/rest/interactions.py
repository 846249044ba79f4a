"""What the bot answers to a person: the first answer within 3 s, all others within 15 min."""

from typing import TYPE_CHECKING, Any

from tests.fakes.discord import writing
from tests.fakes.discord.journal import Event, Request
from tests.fakes.discord.refusal import Answer, bad_length, fault, form, granted, missing, no, strict
from tests.fakes.discord.shapes import user_json
from tests.fakes.discord.world import EPHEMERAL, LOADING, SUPPRESS, V2, Json, Message

if TYPE_CHECKING:
    from tests.fakes.discord.server import Server

MESSAGE, DEFER, DEFER_PRESS, UPDATE, CHOICES, MODAL = 4, 5, 6, 7, 8, 9
PRESSED = {"press", "select"}
FOLLOWUPS = 5  # where only the person has the bot


def callback(server: "Server", request: Request, interaction_id: int, interaction_token: str) -> Answer:
    """POST /interactions/.../callback: the first answer."""
    event = server.events.get(interaction_token)
    if event is None or event.id != str(interaction_id):
        raise no(10062)
    if event.answered is not None:
        raise no(40060)
    if server.clock() - event.at > server.answer_within:
        raise no(10062)
    body = request.json if isinstance(request.json, dict) else {}
    kind, data = body.get("type"), body.get("data") or {}
    _check_kind(event, kind)
    if kind in {DEFER, DEFER_PRESS}:
        server.hold(request)
    message = _DO[kind](server, request, event, data)
    if kind in {CHOICES, MODAL}:
        server.hold(request)
    event.answered, event.answered_at = kind, server.clock()
    if request.query.get("with_response", "").lower() not in {"1", "true"}:
        return granted(None)
    return granted(_resource(event, kind, message))


def followup(server: "Server", request: Request, application_id: int, token: str) -> Json:
    """POST /webhooks/{application_id}/{token}: a further message."""
    event = find(server, application_id, token)
    body = request.json or {}
    if event.thinking:
        kept = (body.get("flags") or 0) & (SUPPRESS | V2)  # who sees it was said in the deferral
        return writing.told(_settle(server, event, body | {"flags": kept or None}, request))
    writing.check(server, request, body, ephemeral=True)
    if not _installed_here(event):
        if event.followups >= FOLLOWUPS:
            raise no(40094)
        event.followups += 1
    message = _write(server, event, body, request)
    event.replies.append(message)
    return writing.told(message)


def get(server: "Server", request: Request, application_id: int, token: str, message_id: Any) -> Json:
    """GET: a message of this conversation."""
    return writing.told(_message(find(server, application_id, token), message_id))


def edit(server: "Server", request: Request, application_id: int, token: str, message_id: Any) -> Json:
    """PATCH: change a message of this conversation."""
    event = find(server, application_id, token)
    message = _message(event, message_id)
    if message is event.original and event.thinking:
        return writing.told(_settle(server, event, request.json or {}, request))
    return writing.told(writing.change(server, message, request.json or {}, request))


def delete(server: "Server", request: Request, application_id: int, token: str, message_id: Any) -> None:
    """DELETE: take a message of this conversation away."""
    event = find(server, application_id, token)
    message = _message(event, message_id)
    if message is event.original:
        event.thinking = False
    writing.erase(server, message)


def find(server: "Server", application_id: int, token: str) -> Event:
    """The interaction of a token; raises Refusal where it is over, or not answered yet."""
    event = server.events.get(token)
    if application_id != server.application_id:
        raise no(10015)
    if event is None or server.clock() - event.at > server.token_life:
        raise no(50027)
    if event.answered is None or event.answered == CHOICES:
        raise no(10015)
    return event


def _check_kind(event: Event, kind: Any) -> None:
    if kind not in _DO:
        raise form(
            fault("type", code="BASE_TYPE_CHOICES", text=f"Value must be one of {set(_DO) | {1, 10, 12}!r}.")
        )
    fits = (kind == CHOICES) == (event.kind == "autocomplete")
    if not fits or (kind in {DEFER_PRESS, UPDATE} and event.kind not in PRESSED):
        text = f"Interaction responses of type {kind} do not go with this interaction"
        raise form(fault("type", code="INTERACTION_RESPONSE_TYPE_INVALID", text=text))


def _say(server: "Server", request: Request, event: Event, data: Json) -> Message:
    writing.check(server, request, data, ephemeral=True)
    event.original = _write(server, event, data, request)
    return event.original


def _defer(server: "Server", request: Request, event: Event, data: Json) -> Message:
    event.original = _write(server, event, {"flags": LOADING | (data.get("flags") or 0) & EPHEMERAL}, None)
    event.thinking = True
    if data.keys() - {"flags"} and not server.light:
        raise form(*(strict("data", name, text="is not looked at in a deferral") for name in sorted(data)))
    return event.original


def _defer_press(server: "Server", request: Request, event: Event, data: Json) -> Message:
    event.original = event.message
    return event.message


def _update(server: "Server", request: Request, event: Event, data: Json) -> Message:
    if event.message.deleted:
        raise no(10008)
    event.original = writing.change(server, event.message, data, request)
    return event.original


def _choose(server: "Server", request: Request, event: Event, data: Json) -> None:
    choices = data.get("choices")
    if choices is None:
        raise form(missing("data", "choices"))
    if len(choices) > 25:
        raise form(bad_length(0, 25, "data", "choices"))
    wanted: type | tuple[type, ...] = {3: str, 4: int, 10: (int, float)}[_focused(event)["type"]]
    seen = set()
    for number, choice in enumerate(choices):
        here = ("data", "choices", number)
        for name in ("name", "value"):
            told = choice.get(name)
            if told is None or told == "":
                raise form(missing(*here, name))
            if isinstance(told, str) and len(told) > 100:
                raise form(bad_length(1, 100, *here, name))
        if not isinstance(choice["value"], wanted):
            text = f"Value {choice['value']!r} does not fit the option's type"
            raise form(fault(*here, "value", code="APPLICATION_COMMAND_AUTOCOMPLETE_VALUE", text=text))
        if choice["name"] in seen:
            raise form(strict(*here, "name", text="stands there twice"))
        seen.add(choice["name"])
    event.choices = choices


def _ask_more(server: "Server", request: Request, event: Event, data: Json) -> None:
    for name, most in (("title", 45), ("custom_id", 100)):
        if not data.get(name):
            raise form(missing("data", name))
        if len(data[name]) > most:
            raise form(bad_length(1, most, "data", name))
    if not 1 <= len(data.get("components") or []) <= 5:
        raise form(bad_length(1, 5, "data", "components"))
    event.modal = data


_DO = {
    MESSAGE: _say,
    DEFER: _defer,
    DEFER_PRESS: _defer_press,
    UPDATE: _update,
    CHOICES: _choose,
    MODAL: _ask_more,
}


def _write(server: "Server", event: Event, told: Json, request: Request | None) -> Message:
    flags = (told.get("flags") or 0) | (EPHEMERAL if event.private else 0)
    owners = event.body["authorizing_integration_owners"]
    pressed: Json = {"interacted_message_id": str(event.message.id)} if event.message else {}
    asked: Json = {"id": event.id, "type": event.body["type"], "user": user_json(event.user)}
    asked |= {"authorizing_integration_owners": owners, **pressed}
    extra: Json = {"interaction_metadata": asked, "webhook_id": str(server.application_id)}
    extra["application_id"] = str(server.application_id)
    if event.kind == "slash":
        extra["type"] = 20
    return writing.write(
        server,
        event.channel,
        server.bot,
        told | {"flags": flags},
        request,
        only_for=event.user if flags & EPHEMERAL else None,
        **extra,
    )


def _settle(server: "Server", event: Event, told: Json, request: Request) -> Message:
    """The answer that was put off comes."""
    message = event.original
    writing.change(server, message, told, request)
    message.body["flags"] &= ~LOADING
    message.body["edited_timestamp"] = None
    event.thinking = False
    return message


def _message(event: Event, number: Any) -> Message:
    if number == "@original":
        message = event.original
    else:
        known = [event.original, *event.replies]
        message = next((m for m in known if m is not None and m.id == number), None)
    if message is None or message.deleted:
        raise no(10008)
    return message


def _installed_here(event: Event) -> bool:
    return "0" in event.body["authorizing_integration_owners"]


def _focused(event: Event) -> Json:
    return next(option for option in event.body["data"]["options"] if option.get("focused"))


def _resource(event: Event, kind: int, message: Message | None) -> Json:
    told: Json = {"id": event.id, "type": event.body["type"]}
    if message:
        loading, hidden = bool(message.flags & LOADING), bool(message.flags & EPHEMERAL)
        told |= {"response_message_id": str(message.id)}
        told |= {"response_message_loading": loading, "response_message_ephemeral": hidden}
    if kind not in {MESSAGE, UPDATE}:
        return {"interaction": told}
    return {"interaction": told, "resource": {"type": kind, "message": writing.told(message)}}
