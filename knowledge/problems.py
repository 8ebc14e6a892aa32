"""What a check finds wrong with the content."""

from dataclasses import dataclass

from knowledge.errors import ContentError


@dataclass(frozen=True, slots=True, kw_only=True, order=True)
class Problem:
    """One finding, with what to do about it."""

    file: str  # below the content folder
    id: str  # of the entry; "" for a file as a whole
    key: str  # where in the entry
    message: str
    fix: str

    def __str__(self) -> str:
        place = ": ".join(part for part in (self.file, self.id, self.key) if part)
        return f"{place}: {self.message}; {self.fix}"


def problem_of(error: ContentError) -> Problem:
    """A file that cannot be read, as a finding."""
    id, colon, key = error.key.partition(": ")
    if not colon:
        id, key = ("", error.key)
    return Problem(file=error.file, id=id, key=key, message=error.problem, fix=error.fix)
