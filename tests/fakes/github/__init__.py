"""GitHub's API and its server of raw files on the loopback, which refuse what GitHub refuses."""

from tests.fakes.github.objects import Repo, blob_id
from tests.fakes.github.server import Asked, Server

__all__ = ["Asked", "Repo", "Server", "blob_id"]
