"""manage.py runserver: daphne's command, which serves WebSockets, too.

Channels documents "daphne" in INSTALLED_APPS for this. But that would install Twisted's reactor in
every command, which takes a quarter of a second each time, and replaces the event loop of uvicorn.
"""

from daphne.management.commands.runserver import Command as Command
