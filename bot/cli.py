"""The command line: every command, its options, its exit code.

Exit codes: 0 all went well; 1 something could not be done and standard error says what; 2 the
command itself was not understood. What is slow to import is imported by the command that needs it.
"""

import json
import os
import sys
from collections.abc import Iterable, Iterator
from dataclasses import asdict
from pathlib import Path
from typing import Annotated, Any, NoReturn

import typer

from bot import __version__, secrecy
from bot.adapters import CONSOLE, PLATFORMS, renderer
from bot.errors import PaperboyError, SourceError, UsageError
from bot.log import Format, Level, get_logger, install
from bot.model import Language, NotDigest, Post, Style
from bot.paths import File, find_files

log = get_logger(__name__)

app = typer.Typer(
    name="paperboy",
    help="Brings each day's new papers to where people talk.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    rich_markup_mode=None,
    context_settings={"help_option_names": ["-h", "--help"]},
)

Paths = Annotated[list[Path], typer.Argument(metavar="PATH...", help="Posts, or folders of posts.")]
AsJson = Annotated[bool, typer.Option("--json", help="One JSON object a line.")]
ConfigFile = Annotated[
    Path | None, typer.Option("--config", metavar="FILE", help="Instead of config/config.yaml.")
]
BackupFile = Annotated[str, typer.Argument(metavar="FILE", help="`-` for standard output or input.")]
StyleOption = Annotated[Style, typer.Option(help="How much of a digest.")]
LanguageOption = Annotated[Language, typer.Option(help="Of the bot's own words.")]


@app.command()
def run(
    config: ConfigFile = None,
    once: Annotated[bool, typer.Option("--once", help="Look once, deliver what is new, end.")] = False,
    role: Annotated[
        list[str] | None, typer.Option(help="Only collect, send, listen or web; may be repeated.")
    ] = None,
    verbose: Annotated[bool, typer.Option("--verbose", help="Say more of what is done.")] = False,
) -> None:
    """Read the sources and deliver every new paper, until Ctrl-C."""
    import asyncio

    from bot import app as parts
    from bot.config import load

    _log("info" if verbose else "warning")
    roles = tuple(role or parts.ROLES)
    if wrong := [name for name in roles if name not in parts.ROLES]:
        raise UsageError(f"no such role: {wrong[0]}; there are {', '.join(parts.ROLES)}")
    given = load(config)
    level: Level = "info" if verbose and given.log.level != "debug" else given.log.level
    _log(level, given.log.format)
    is_json = given.log.format == "json"
    try:
        code = asyncio.run(parts.run(given, _tell if is_json else _notice, once=once, roles=roles))
    except PaperboyError as exc:
        if not is_json:
            raise
        log.error("program.refused", reason=str(exc))
        code = 1
    raise typer.Exit(code)


@app.command()
def demo(style: StyleOption = Style.CARDS, language: LanguageOption = Language.ZH) -> None:
    """Show the sample digests as cards; needs no configuration and no token."""
    samples = Path(__file__).parent / "samples"
    _show(find_files([samples]), CONSOLE, style, language, as_json=False)
    _notice("\nThese are samples. Yours: paperboy preview PATH..., or paperboy run with your config.yaml.")


@app.command()
def inspect(paths: Paths, as_json: AsJson = False) -> None:
    """Show what the bot understands of posts: files, or folders of them."""
    from bot import inspect as view

    for label, found in _read(find_files(paths)):
        for item in view.records(label, found) if as_json else view.lines(label, found):
            _print(item)


@app.command()
def preview(
    paths: Paths,
    platform: Annotated[str, typer.Option(help=f"Whose messages: {', '.join(PLATFORMS)}.")] = CONSOLE,
    style: StyleOption = Style.CARDS,
    language: LanguageOption = Language.ZH,
    as_json: AsJson = False,
) -> None:
    """Show what a new subscriber would be sent, request by request."""
    _show(find_files(paths), platform, style, language, as_json=as_json)


@app.command()
def status(config: ConfigFile = None, as_json: AsJson = False) -> None:
    """Show what the database holds and how the sources are; exit code 1 where one is late or failing."""
    import asyncio

    from bot.config import load
    from bot.status import lines, look

    _log()
    state = asyncio.run(look(load(config)))
    for item in [state.record()] if as_json else lines(state):
        _print(item)
    raise typer.Exit(0 if state.well else 1)


@app.command()
def check(config: ConfigFile = None, as_json: AsJson = False) -> None:
    """Try every source, token, database and permission, a line each; exit code 1 where one fails."""
    import asyncio

    from bot import check as trials
    from bot.finding import Finding

    def tell(finding: Finding) -> None:
        _print(finding.record() if as_json else finding.line())
        sys.stdout.flush()

    _log("error")  # what is wrong is told in the findings
    raise typer.Exit(asyncio.run(trials.run(config, tell)))


@app.command()
def search(
    words: Annotated[list[str], typer.Argument(metavar="WORDS...", help='Or "a phrase".')],
    config: ConfigFile = None,
    limit: Annotated[int, typer.Option(help="How many papers at the most.")] = 20,
    as_json: AsJson = False,
) -> None:
    """Find papers in the database by words of title, authors, abstract, summary and takeaways."""
    import asyncio

    from bot.config import load
    from bot.find import find, lines

    found = asyncio.run(find(load(config), " ".join(words), limit=limit))
    for item in [asdict(hit) | {"date": str(hit.date)} for hit in found.papers] if as_json else lines(found):
        _print(item)


@app.command("export")
def export_(file: BackupFile, config: ConfigFile = None) -> None:
    """Write chats, settings, subscriptions and what was delivered into a file; the bot may run meanwhile."""
    import asyncio

    from bot.backup_file import save
    from bot.config import load

    chats = asyncio.run(save(load(config).database.get_secret_value(), file))
    _notice(f"{file}: {chats} chats")


@app.command("import")
def import_(file: BackupFile, config: ConfigFile = None) -> None:
    """Put what `paperboy export` wrote into the database, beside what is there; all of it or nothing."""
    import asyncio

    from bot.backup_file import load as read
    from bot.config import load

    restored = asyncio.run(read(load(config).database.get_secret_value(), file))
    counts = ", ".join(f"{number:,} {name}" for name, number in asdict(restored).items())
    _notice(f"{file}: {counts}")


@app.command()
def merge(
    old: Annotated[str, typer.Argument(metavar="OLD", help="The tag that goes away.")],
    into: Annotated[str, typer.Argument(metavar="NEW", help="The one that takes its digests and followers.")],
    config: ConfigFile = None,
) -> None:
    """Make two tags one, for good; what comes under the old name from now on belongs to the new one."""
    import asyncio

    from bot.config import load
    from bot.merge import lines
    from bot.merge import merge as join

    for line in lines(asyncio.run(join(load(config), old, into))):
        _print(line)


@app.command()
def version() -> None:
    """Say which version this is."""
    _print(__version__)


def main() -> NoReturn:
    """The entry point: runs a command; what an operator can mend is told in a line, without a traceback."""
    for stream in (sys.stdout, sys.stderr):
        stream.reconfigure(encoding="utf-8", errors="backslashreplace")  # type: ignore[union-attr]
    try:
        app()
    except PaperboyError as exc:
        code = 2 if isinstance(exc, UsageError) else 1
        _notice("\n".join(f"paperboy: {line}" for line in str(exc).splitlines()))
    except KeyboardInterrupt:
        code = 130
    except BrokenPipeError:  # the reader of a pipe has seen enough
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        code = 0
    sys.exit(code)


def _show(files: list[File], platform: str, style: Style, language: Language, *, as_json: bool) -> None:
    """Print what a platform would be sent: its requests, or, of the console, the cards themselves."""
    from bot.adapters.console import Terminal
    from bot.preview import lay_out, requests

    console = Terminal() if platform == CONSOLE and not as_json else None
    render = console.render if console else renderer(platform)
    for label, found in _read(files):
        if isinstance(found, NotDigest):
            _notice(f"{label}: no digest: {found.reason}")
            continue
        for message in requests(found, render, style, language):
            if console:
                console.show(message)
            else:
                _print(message.line() if as_json else lay_out(message))


def _read(files: list[File]) -> Iterator[tuple[str, Post | NotDigest]]:
    """Each file as understood; one that cannot be read is told, and makes the exit code 1."""
    failed = False
    for file in _progress(files):
        try:
            found = file.read()
        except SourceError as exc:
            _notice(f"paperboy: {exc}")
            failed = True
            continue
        yield file.label, found
    if failed:
        raise typer.Exit(1)


def _progress(files: list[File]) -> Iterable[File]:
    """The files, with a bar on a terminal where there are many; never among what is printed there."""
    if len(files) < 20 or sys.stdout.isatty() or not sys.stderr.isatty():
        return files
    from rich.console import Console
    from rich.progress import track

    return track(files, description="Reading", console=Console(stderr=True), transient=True)


def _print(item: str | dict[str, Any]) -> None:
    line = item if isinstance(item, str) else json.dumps(item, ensure_ascii=False)
    sys.stdout.write(line + "\n")


def _notice(line: str) -> None:
    sys.stdout.flush()
    print(line, file=sys.stderr, flush=True)  # noqa: T201  (to the operator, not a log)


def _tell(line: str) -> None:
    """The same among events: where the log is JSON, every line is."""
    log.info("program.told", line=line)


def _log(level: Level = "warning", format: Format = "text") -> None:
    install(format, level)
    secrecy.install()
