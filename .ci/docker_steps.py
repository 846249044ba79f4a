"""Walks through the Dockerfile without a Docker engine.

COPY goes into a folder that stands for the image, `pip install` into a fresh virtual environment,
ENV into the environment; apt-get, rm, useradd and chown are only checked for. Then CMD is started,
HEALTHCHECK has to call it well, and SIGTERM has to end it. What this cannot show: the base image itself.
"""

import json
import os
import re
import shlex
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
WAIT = 30.0


def parse(text: str) -> list[tuple[str, str]]:
    """The instructions of a Dockerfile with their arguments."""
    joined = re.sub(r"\\\n\s*", " ", text)
    lines = [line.strip() for line in joined.splitlines()]
    return [tuple(line.split(maxsplit=1)) for line in lines if line and not line.startswith("#")]  # type: ignore[misc]


class Image:
    """The folder that stands for the image."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.workdir = "/"
        self.env: dict[str, str] = {}
        self.commands: dict[str, list[str]] = {}
        self.user = "root"

    def place(self, path: str) -> Path:
        return self.folder / (path if path.startswith("/") else f"{self.workdir}/{path}").lstrip("/")

    def inside(self, words: str) -> str:
        """Paths of the image as paths of the folder."""
        return re.sub(r"(?<![\w.])/(?=(app|data)\b)", f"{self.folder}/", words)

    def run(self, argument: str) -> None:
        for step in argument.split("&&"):
            words = shlex.split(step)
            if words[0] == "pip":
                subprocess.run([sys.executable, "-m", "venv", self.folder / "venv"], check=True)
                command = [self.folder / "venv/bin/pip", *words[1:], "-q"]
                subprocess.run(command, check=True, cwd=self.place("."), env=self.environment())
            elif words[0] == "mkdir":
                self.place(words[-1]).mkdir(parents=True, exist_ok=True)
            elif words[0] not in ("useradd", "chown", "apt-get", "rm"):
                raise SystemExit(f"Dockerfile: a step that this check does not know: {step.strip()}")

    def environment(self) -> dict[str, str]:
        kept = {
            name: value for name, value in os.environ.items() if name not in ("DATABASE_URL", "PYTHONPATH")
        }
        return kept | self.env | {"PATH": f"{self.folder / 'venv/bin'}:{os.environ['PATH']}"}


def build(image: Image, instructions: list[tuple[str, str]]) -> None:
    """Carry out every instruction."""
    for name, argument in instructions:
        if name == "WORKDIR":
            image.workdir = argument
            image.place(".").mkdir(parents=True)
        elif name == "COPY":
            *sources, target = argument.split()
            for source in sources:
                copy(ROOT / source, image.place(target), into=target.endswith("/"))
        elif name == "ENV":
            image.env |= {
                key: image.inside(value) for key, value in (part.split("=", 1) for part in argument.split())
            }
        elif name == "RUN":
            image.run(argument)
        elif name == "USER":
            image.user = argument
        elif name == "HEALTHCHECK":
            image.commands[name] = json.loads(argument[argument.index("CMD") + 3 :])
        elif name == "CMD":
            image.commands[name] = json.loads(argument)


def copy(source: Path, target: Path, *, into: bool) -> None:
    if source.is_dir():
        shutil.copytree(source, target, ignore=shutil.ignore_patterns("__pycache__"))
    else:
        target.mkdir(parents=True, exist_ok=True)
        shutil.copy(source, target / source.name if into else target)


def main() -> None:
    """Build, start, check the health, stop."""
    instructions = parse((ROOT / "Dockerfile").read_text(encoding="utf-8"))
    with tempfile.TemporaryDirectory() as folder:
        image = Image(Path(folder))
        build(image, instructions)
        assert image.user != "root", "the image has to run without root"
        assert [argument for name, argument in instructions if name == "VOLUME"] == ["/data"], (
            "one volume: /data"
        )
        health, command = (
            [image.inside(word) for word in image.commands[name]] for name in ("HEALTHCHECK", "CMD")
        )
        env = image.environment()
        with subprocess.Popen(command, env=env, cwd=folder, stdout=subprocess.DEVNULL) as bot:
            try:
                await_health(health, env, folder)
            finally:
                bot.send_signal(signal.SIGTERM)
            assert bot.wait(timeout=10) == 0, "SIGTERM has to end it well"
        assert (image.folder / "data/paperboy.db").exists(), "the database has to be in the volume"
    print("Dockerfile: every step works, healthy, stops on SIGTERM")


def await_health(health: list[str], env: dict[str, str], folder: str) -> None:
    """Wait until the health check calls it well."""
    until = time.monotonic() + WAIT
    while subprocess.run(health, env=env, cwd=folder, capture_output=True, check=False).returncode:
        if time.monotonic() > until:
            raise SystemExit("Dockerfile: not healthy in time")
        time.sleep(0.5)


if __name__ == "__main__":
    main()
