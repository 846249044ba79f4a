"""A web server on loopback that misbehaves in every way that a path can name."""

from tests.fakes.web.server import Asked, Hostile, answer

__all__ = ["Asked", "Hostile", "answer"]
