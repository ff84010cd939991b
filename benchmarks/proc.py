"""Read CPU time, memory and open files of processes from Linux's /proc."""

import os
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path

TICKS = os.sysconf("SC_CLK_TCK")


def tree(pid: int) -> Iterator[int]:
    """A process and all its descendants."""
    yield pid
    for child in children(pid):
        yield from tree(child)


def children(pid: int) -> list[int]:
    try:
        return [int(c) for c in Path(f"/proc/{pid}/task/{pid}/children").read_text().split()]
    except (FileNotFoundError, ProcessLookupError):
        return []


def cpu_seconds(pid: int) -> float:
    """User and system time of a process; 0 if it has ended."""
    try:
        text = Path(f"/proc/{pid}/stat").read_text()
    except (FileNotFoundError, ProcessLookupError):
        return 0.0
    # The second field is the name in brackets, which may contain spaces and brackets.
    fields = text.rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / TICKS


def parent(pid: int) -> int:
    return int(Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[1])


def title(pid: int) -> str:
    try:
        return Path(f"/proc/{pid}/cmdline").read_text().replace("\0", " ")
    except (FileNotFoundError, ProcessLookupError):
        return ""


def open_files(pid: int) -> int:
    return sum(1 for _ in Path(f"/proc/{pid}/fd").iterdir())


def resident_bytes(pid: int) -> int:
    pages = int(Path(f"/proc/{pid}/statm").read_text().split()[1])
    return pages * os.sysconf("SC_PAGE_SIZE")


def machine_cpu_seconds() -> float:
    """The time that all cores have worked, including stolen time, without idle and I/O wait."""
    fields = Path("/proc/stat").read_text().split("\n", 1)[0].split()
    user, nice, system, _idle, _wait, irq, softirq, steal = map(int, fields[1:9])
    return (user + nice + system + irq + softirq + steal) / TICKS


class CpuMeter:
    """CPU time that a set of processes uses between `begin` and `end`."""

    def __init__(self, processes: Callable[[], Iterable[int]]) -> None:
        self.processes = processes
        self.seconds = 0.0
        self.before: dict[int, float] = {}

    def begin(self) -> None:
        self.before = self.read()

    def end(self) -> None:
        after = self.read()
        self.seconds = sum(cpu - self.before.get(pid, 0.0) for pid, cpu in after.items())

    def read(self) -> dict[int, float]:
        return {pid: cpu_seconds(pid) for pid in self.processes()}


class MachineMeter:
    """CPU time that the whole machine uses between `begin` and `end`."""

    def __init__(self) -> None:
        self.seconds = 0.0

    def begin(self) -> None:
        self.seconds = -machine_cpu_seconds()

    def end(self) -> None:
        self.seconds += machine_cpu_seconds()


Meter = CpuMeter | MachineMeter
