"""Whatever is asked, REST answers as its document declares, and never with 500.

Schemathesis makes requests from the document: its examples, the bounds of its schemas, what is
just beyond them, and random ones. They are the same in each run.
"""

import re
import subprocess
import sys
from pathlib import Path

import pytest

from devicehive.documents.endpoints import endpoints
from tests.server import Server, StartServer, run_manage
from tests.thorough import examples

CONFIGURATION = Path(__file__).with_name("schemathesis.toml")
MOST_SECONDS = 300
"""The most seconds of a run on a busy machine; on an idle one it takes about ten."""
NOT_CHECKED = "negative_data_rejection,positive_data_acceptance"
"""Members are read leniently, and rules beyond their schemas refuse them."""
OWN_USER = "userUpdateCurrent"
"""An operation by which an administrator, but not a client, could lose its own rights."""

WORLD = """
from devices.models import User
from devices.services import tokens
from tests.example_world import give_no_id_twice, store_records
from tests.factories import make_user

store_records()
# No request may meet her by chance: what comes after would be asked by nobody.
operator = make_user("operator", id=1_000_000_000, role=User.Role.ADMIN)
give_no_id_twice()
print(tokens.issue(operator, tokens.scope_of(operator)).access)
"""


@pytest.mark.soak
def test_all_that_the_document_allows_and_much_that_it_does_not(start_server: StartServer) -> None:
    server = start_server()
    assert_keeps_the_document(server, server.database.access["bob"], "--include-operation-id")
    assert_keeps_the_document(server, fill(server), "--exclude-operation-id")
    assert "Traceback" not in server.log


def fill(server: Server) -> str:
    """Store what the document's examples are about; the token of an administrator."""
    status, output, error = run_manage(
        *("shell", "--no-imports", "--command", WORLD),
        folder=server.folder,
        DATABASE_URL=server.database.url,
    )
    assert status == 0, error
    return output.strip()


def assert_keeps_the_document(server: Server, token: str, choice: str) -> None:
    """Ask the operation OWN_USER, or all others, in the name of whose `token` this is."""
    asked = 1 if choice == "--include-operation-id" else len(endpoints()) - 1
    run = subprocess.run(
        [
            *(str(Path(sys.executable).with_name("st")), "--config-file", str(CONFIGURATION)),
            *("run", f"http://{server.address}/openapi.json"),
            *("--url", f"http://{server.address}/api/rest"),
            *("--header", f"Authorization: Bearer {token}"),
            *("--phases", "examples,coverage,fuzzing", "--max-examples", str(examples(5))),
            *("--checks", "all", "--exclude-checks", NOT_CHECKED, choice, OWN_USER),
            *("--generation-deterministic", "--warnings", "off", "--no-color"),
        ],
        cwd=server.folder,
        capture_output=True,
        text=True,
        timeout=MOST_SECONDS,
        check=False,
    )
    assert run.returncode == 0, run.stdout + run.stderr
    assert re.search(rf"Tested: {asked}\n", run.stdout), run.stdout
