"""The mark by which Discord knows a message that it has taken before.

Discord answers a message whose nonce it has seen within the last few minutes with the message that
is there already, where `enforce_nonce` asks for that
(https://discord.com/developers/docs/resources/message#create-message). It looks at all messages of
the author, so where the message goes is part of the mark: many places get the same words.
"""

import json
from base64 import b32encode
from hashlib import blake2b
from typing import Any

from bot.adapters.discord import limits


def stamp(address: str, body: dict[str, Any]) -> dict[str, Any]:
    """The body with a nonce that is the same for the same body at the same address, in every process.

    Raises:
        UnicodeEncodeError: it holds half of a surrogate pair.
        TypeError, ValueError: it cannot be written as JSON.
    """
    said = json.dumps([address, body], ensure_ascii=False, sort_keys=True, separators=(",", ":"))
    digest = blake2b(said.encode(), digest_size=16).digest()
    return body | {"nonce": b32encode(digest).decode()[: limits.NONCE], "enforce_nonce": True}
