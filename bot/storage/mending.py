"""What an error of the database means, and how to mend it."""

from collections.abc import Iterator

from sqlalchemy.engine import URL

ACCOUNT, LOST, FULL, STARTING = ("28P01", "28000"), "3D000", "53300", "57P03"  # of PostgreSQL's errors


def explain(url: URL, exc: Exception) -> str:
    """What an error at that address means, and how to mend it."""
    if isinstance(exc, ModuleNotFoundError):
        return f"{exc.name} is not installed; pip install {exc.name}"
    errors = list(_chain(exc))
    state = next((str(code) for error in errors if (code := getattr(error, "sqlstate", None))), "")
    said = str(getattr(exc, "orig", None) or exc) or type(exc).__name__
    if url.get_backend_name() == "sqlite":
        return _explain_sqlite(said)
    if state in ACCOUNT:
        return f"the server refuses the user or the password ({said}); mend DATABASE_URL"
    if state == LOST:
        return f"{said}; make it with `createdb`, or name another in DATABASE_URL"
    if state in (FULL, STARTING):
        return f"{said}; try again, or allow more connections there"
    if any(isinstance(error, TimeoutError) for error in errors):
        return "the server does not answer; check host and port in DATABASE_URL, and that it runs"
    if any(isinstance(error, OSError) for error in errors):
        return f"no way to the server: {said}; check host and port in DATABASE_URL, and that it runs"
    return said


def _explain_sqlite(said: str) -> str:
    if "readonly" in said or "read-only" in said:
        return "may be read, not written; give the file, its folder and FILE-wal to the user of this process"
    if "unable to open" in said:
        return "cannot be opened; check the rights of the file and of its folder"
    if "not a database" in said or "malformed" in said:
        return f"{said}; restore a backup, or name another file at `database`"
    if "is full" in said:
        return f"{said}; make room"
    return said


def _chain(exc: BaseException | None) -> Iterator[BaseException]:
    while exc is not None:
        yield exc
        exc = getattr(exc, "orig", None) or exc.__cause__
