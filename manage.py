#!/usr/bin/env python3
"""The command line of the device server: `manage.py help` lists the commands."""

from devicehive.__main__ import main

if __name__ == "__main__":
    main()
