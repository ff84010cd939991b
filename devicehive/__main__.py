"""The command line: manage.py in a clone, `devicehive-server` where pip installed the server."""

import sys

from devicehive import INTERRUPTED


def main() -> None:
    try:
        # Here, because it imports Django, which takes as long as Ctrl-C in the first second.
        from devicehive.command_line import run_command

        run_command(sys.argv)
    except KeyboardInterrupt:
        sys.exit(INTERRUPTED)


if __name__ == "__main__":
    main()
