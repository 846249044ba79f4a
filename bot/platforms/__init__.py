"""The platforms that a configuration asks for: what sends there, and what listens.

A new platform is one file beside this one and a line here; its library is loaded where it is used.
"""

from bot.adapters import CONSOLE
from bot.config import Config
from bot.platforms.base import Platform

TOKENS = {"telegram": "TELEGRAM_BOT_TOKEN", "discord": "DISCORD_BOT_TOKEN"}  # where their tokens come from


def platforms(config: Config) -> dict[str, Platform]:
    """The platforms that the bot delivers to: those with a token; the console where there is none."""
    found: dict[str, Platform] = {}
    if config.telegram.token:
        from bot.platforms.telegram import OnTelegram

        found["telegram"] = OnTelegram(config)
    if config.discord.token:
        from bot.platforms.discord import OnDiscord

        found["discord"] = OnDiscord(config)
    if config.console.enabled or (config.console.enabled is None and not found):
        from bot.adapters.console import Terminal

        found[CONSOLE] = Platform(Terminal())
    return found
