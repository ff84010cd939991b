"""Draw plots as SVG, without scripts: steps over slots of time, with gaps where data is missing."""

from collections.abc import Iterator, Sequence
from itertools import groupby
from typing import NamedTuple, Self

HEIGHT = 100
"""The height in units of the picture, in which a slot is one wide; the page stretches it."""


class Plot(NamedTuple):
    title: str
    unit: str
    top: float
    """The value of the uppermost line."""
    latest: float | None
    peak: float
    width: int
    line: str
    area: str
    """Line and area are each the `d` attribute of a path."""

    @classmethod
    def of(cls, title: str, unit: str, values: Sequence[float | None]) -> Self:
        peak = max((each for each in values if each is not None), default=0)
        top = _round_up(peak)
        lines = [(start, _line(start, run, top)) for start, run in _runs(values)]
        return cls(
            title=title,
            unit=unit,
            top=top,
            latest=values[-1],
            peak=peak,
            width=len(values),
            line="".join(line for _, line in lines),
            area="".join(f"{line}V{HEIGHT}H{start}Z" for start, line in lines),
        )


def _round_up(peak: float) -> float:
    """The least of 1, 2, 5, 10, 20, ... that is not less than the peak."""
    scale = 1
    while True:
        for each in (1, 2, 5):
            if peak <= each * scale:
                return each * scale
        scale *= 10


def _runs(values: Sequence[float | None]) -> Iterator[tuple[int, list[float]]]:
    """The runs of values without a gap, each with the slot where it begins."""
    for known, run in groupby(enumerate(values), lambda each: each[1] is not None):
        if known:
            places, found = zip(*run, strict=True)
            yield places[0], list(found)


def _line(start: int, run: Sequence[float], top: float) -> str:
    heights = [round(HEIGHT * (1 - each / top), 1) for each in run]
    steps = (f"V{height:g}H{place + 1}" for place, height in enumerate(heights, start))
    return f"M{start} {heights[0]:g}{''.join(steps)}"
