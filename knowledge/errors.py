"""What can go wrong here; every message is one that a person may read.

IrbotError
├── LibraryError   a source file of the library is missing, unreadable or wrong
└── StoreError     the compiled file cannot be written or read
"""


class IrbotError(Exception):
    """An error whose message is meant for the person at the keyboard."""


class LibraryError(IrbotError):
    """The library's text files are missing or wrong; the message names file, line, entry and field."""

    def __init__(self, problems: list[str]) -> None:
        super().__init__("\n".join(problems))
        self.problems = problems


class StoreError(IrbotError):
    """The compiled library cannot be written or read."""
