"""The platforms that cards can be shown on, by name.

A new platform is one folder or file beside this one and one line in the table. Nothing here loads
a platform's library: `renderer` imports the one module that is asked for.
"""

from importlib import import_module
from typing import TYPE_CHECKING

from bot.errors import UsageError

if TYPE_CHECKING:
    from bot.adapters.base import Render

_RENDERS = {
    "telegram": "bot.adapters.telegram.render",
    "discord": "bot.adapters.discord.render",
    "console": "bot.adapters.console",
}

PLATFORMS = tuple(_RENDERS)
CONSOLE = "console"  # the platform that is always there


def renderer(platform: str) -> "Render":
    """What turns cards into messages of a platform; UsageError for a platform that is not there."""
    if platform not in _RENDERS:
        raise UsageError(f"no such platform: {platform}; there are {', '.join(PLATFORMS)}")
    render: Render = import_module(_RENDERS[platform]).render
    return render
