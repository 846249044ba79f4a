"""What every test may use."""

import os
from pathlib import Path

import pytest
from hypothesis import Phase, settings

# The same examples at every run, and no minutes spent on making a failing one smaller, so that the
# suite says the same everywhere; HYPOTHESIS_PROFILE=explore looks for new ones.
settings.register_profile("steady", derandomize=True, phases=(Phase.explicit, Phase.generate))
settings.register_profile("explore", phases=(Phase.explicit, Phase.generate))
settings.load_profile(os.environ.get("HYPOTHESIS_PROFILE", "steady"))

SAMPLES = Path(__file__).parent.parent / "bot" / "samples"


@pytest.fixture(scope="session")
def shared() -> Path:
    """The folder of real posts and platform specifications, where PAPERBOY_SHARED names one."""
    folder = os.environ.get("PAPERBOY_SHARED")
    if not folder:
        pytest.skip("PAPERBOY_SHARED is not set: no real posts to check against")
    return Path(folder)
