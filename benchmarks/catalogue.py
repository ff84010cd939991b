"""The list of everything that can be measured in rounds."""

from benchmarks.fanout import FANOUTS, Fanout
from benchmarks.reconnecting import STORMS, Storm
from benchmarks.regimes import REGIMES, Regime

AnyRegime = Regime | Fanout | Storm
EVERY_REGIME: tuple[AnyRegime, ...] = (*REGIMES, *STORMS, *FANOUTS)
