"""Paperboy: the chat bot that brings each day's new papers to Telegram and Discord."""

__version__ = "0.1.0"
