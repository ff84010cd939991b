"""manage.py runserver: daphne's, as Channels documents it, so that WebSockets are served too.

Not by "daphne" in INSTALLED_APPS: that would install Twisted's reactor in every command, which
costs each of them a quarter of a second, and uvicorn its event loop.
"""

from daphne.management.commands.runserver import Command as Command
