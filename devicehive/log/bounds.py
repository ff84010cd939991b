"""Rate limits for log lines."""

from time import monotonic


class Bound:
    """Allows `lines` at once, and as many again in every `seconds`."""

    def __init__(self, lines: int, *, seconds: float) -> None:
        self.lines = lines
        self.seconds = seconds
        self.left = float(lines)
        self.filled = monotonic()
        self.unshown = 0
        """The number of suppressed lines since `count_unshown` was called."""

    def take(self) -> bool:
        """Whether one more line may be written now. If not, it is counted as suppressed."""
        now = monotonic()
        gained = (now - self.filled) * self.lines / self.seconds
        self.left, self.filled = min(self.lines, self.left + gained), now
        if self.left < 1:
            self.unshown += 1
            return False
        self.left -= 1
        return True

    def count_unshown(self) -> int:
        """The number of suppressed lines since the last call, to be named in the next line."""
        unshown, self.unshown = self.unshown, 0
        return unshown
