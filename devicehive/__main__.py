"""The entry point of commands: manage.py in a clone, `devicehive-server` if installed by pip."""

import gc
import sys

from devicehive import INTERRUPTED


def main() -> None:
    # Imports leave hardly any garbage, but collecting takes a quarter of the time of a start.
    # `DevicehiveConfig.ready` enables the garbage collector again.
    gc.disable()
    try:
        # Inside `try`, because this imports Django for about a second, in which Ctrl-C may come.
        from devicehive.command_line import run_command

        run_command(sys.argv)
    except KeyboardInterrupt:
        sys.exit(INTERRUPTED)


if __name__ == "__main__":
    main()
