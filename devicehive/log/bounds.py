"""How many lines a flood may write."""

from time import monotonic


class Bound:
    """So many lines at once, and as many more in every `seconds` after that."""

    def __init__(self, lines: int, *, seconds: float) -> None:
        self.lines = lines
        self.seconds = seconds
        self.left = float(lines)
        self.filled = monotonic()
        self.unshown = 0
        """Lines that were not written since the last that was."""

    def take(self) -> bool:
        """Whether one more line may be written now."""
        now = monotonic()
        gained = (now - self.filled) * self.lines / self.seconds
        self.left, self.filled = min(self.lines, self.left + gained), now
        if self.left < 1:
            self.unshown += 1
            return False
        self.left -= 1
        return True

    def count_unshown(self) -> int:
        """How many lines were not written since the last call, for the next line to tell."""
        unshown, self.unshown = self.unshown, 0
        return unshown
