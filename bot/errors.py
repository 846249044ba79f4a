"""The error tree: what can go wrong outside this program, and what an operator can do about it.

    PaperboyError            says what, where and how to mend it; the command line prints it as one line
    ├── ConfigError          config.yaml or the environment does not say what is needed
    ├── SourceError          a source cannot be read now
    ├── StorageError         the database cannot be used as it is
    └── UsageError           a command was called with something it cannot work on

Reading a digest raises none of them: whatever a post holds, it becomes a Post or a NotDigest.
"""


class PaperboyError(Exception):
    """Its text is meant for the operator: what, where, and how to mend it."""


class ConfigError(PaperboyError):
    """The configuration is missing, malformed or contradicts itself."""


class SourceError(PaperboyError):
    """A source cannot be read now; others are not concerned."""


class StorageError(PaperboyError):
    """The database cannot be used as it is."""


class UsageError(PaperboyError):
    """A command was given something it cannot work on."""
