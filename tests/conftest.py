"""What every test may use."""

import os
from pathlib import Path

import pytest
from hypothesis import Phase, settings

# In CI the same examples at every run, and no minutes spent on making a failing one smaller.
settings.register_profile("ci", derandomize=True, phases=(Phase.explicit, Phase.generate))
if os.environ.get("CI"):
    settings.load_profile("ci")

SAMPLES = Path(__file__).parent.parent / "bot" / "samples"


@pytest.fixture(scope="session")
def shared() -> Path:
    """The folder of real posts and platform specifications, where PAPERBOY_SHARED names one."""
    folder = os.environ.get("PAPERBOY_SHARED")
    if not folder:
        pytest.skip("PAPERBOY_SHARED is not set: no real posts to check against")
    return Path(folder)
