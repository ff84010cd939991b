"""The command line: manage.py in a clone, `devicehive-server` where pip installed the server."""

import gc
import sys

from devicehive import INTERRUPTED


def main() -> None:
    # Imports leave next to no garbage, and to look for it takes a quarter of the time of a start.
    # `DevicehiveConfig.ready` has it looked for again.
    gc.disable()
    try:
        # Here, because it imports Django, which takes as long as Ctrl-C in the first second.
        from devicehive.command_line import run_command

        run_command(sys.argv)
    except KeyboardInterrupt:
        sys.exit(INTERRUPTED)


if __name__ == "__main__":
    main()
