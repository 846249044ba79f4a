"""A blog of digests over HTTP on loopback: its posts, its look and what fails can change at any time."""

from tests.fakes.blog.posts import Paper, Post, paper, post
from tests.fakes.blog.server import Asked, Blog

__all__ = ["Asked", "Blog", "Paper", "Post", "paper", "post"]
