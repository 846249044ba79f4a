"""What tests of sources may use."""

from collections.abc import AsyncIterator

import pytest

from tests.fakes.web import Hostile

PROXIES = ("http_proxy", "https_proxy", "all_proxy", "no_proxy")


@pytest.fixture(autouse=True)
def no_proxy(monkeypatch):
    """What is asked on loopback is not asked through the proxy of whoever runs the tests."""
    for name in PROXIES:
        monkeypatch.delenv(name, raising=False)
        monkeypatch.delenv(name.upper(), raising=False)


@pytest.fixture
async def hostile() -> AsyncIterator[Hostile]:
    """A web server that misbehaves as the path says: `hostile.url("drip")`."""
    async with Hostile() as server:
        yield server
