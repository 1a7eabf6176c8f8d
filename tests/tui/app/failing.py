"""What all fakes of services share."""


class Failing:
    """What all fakes share: the next call of a name fails as a test says, and every call is written down."""

    def __init__(self) -> None:
        self.asked: list[tuple[str, object]] = []
        self.errors: dict[str, list[Exception]] = {}

    def fail(self, name: str, *errors: Exception) -> None:
        """The next calls of this name raise."""
        self.errors.setdefault(name, []).extend(errors)

    def heard(self, name: str, what: object = None) -> None:
        """A call."""
        self.asked.append((name, what))
        if self.errors.get(name):
            raise self.errors[name].pop(0)

    def calls(self, name: str) -> list[object]:
        """What was asked by this name, in order."""
        return [what for asked, what in self.asked if asked == name]
