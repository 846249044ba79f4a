"""Real git repositories made by a few words, and servers of them on the loopback."""

from tests.fakes.git.repository import GIT, HTTP_BACKEND, Repository
from tests.fakes.git.server import GitServer

__all__ = ["GIT", "HTTP_BACKEND", "GitServer", "Repository"]
