"""DeviceHive's own JavaScript client, unmodified: its integration tests pass over both transports.

`make clients` installs it. Its tests of plugins are left out, and so are those of tokens, which
begin by registering a plugin: this server has none.
"""

import json
import os
import shutil
import subprocess
from pathlib import Path

import pytest

from tests.browser import NODE
from tests.factories import PASSWORD
from tests.server import SECONDS, Server, StartServer

MODULES = Path(__file__).parent / "javascript" / "node_modules"
WITH_PLUGINS = {"PluginAPI.spec.js", "TokenAPI.spec.js"}
LOG_IN = {"login": "alice", "password": PASSWORD}

pytestmark = pytest.mark.skipif(
    not MODULES.exists(), reason="needs DeviceHive's JavaScript client: make clients"
)


def configure(server: Server) -> dict[str, object]:
    """What the client's tests read of the server and of its administrator."""
    rest = f"http://{server.address}/api/rest"
    services = ("mainServiceURL", "authServiceURL", "pluginServiceURL")
    return {
        "TEST_USER_ID": user_id(server, "alice"),
        "TEST_USER_LOGIN": "alice",
        "TEST_USER_PASSWORD": PASSWORD,
        "server": {
            "http": LOG_IN | dict.fromkeys(services, rest),
            "ws": LOG_IN | {"mainServiceURL": server.url},
        },
    }


def user_id(server: Server, login: str) -> int:
    answer = server.connect(login).ask("user/getCurrent")
    found: int = answer["current"]["id"]
    return found


def test_its_integration_tests_pass(start_server: StartServer, tmp_path: Path) -> None:
    client = tmp_path / "devicehive"
    shutil.copytree(MODULES / "devicehive", client)
    tests = client / "test" / "integration"
    (tests / "config.json").write_text(json.dumps(configure(start_server())))
    specs = [path for path in tests.rglob("*.spec.js") if path.name not in WITH_PLUGINS]
    ended = subprocess.run(
        [NODE, MODULES / "mocha/bin/_mocha", "--exit", "--reporter", "json", *specs],
        env=os.environ | {"NODE_PATH": str(MODULES)},
        capture_output=True,
        text=True,
        timeout=2 * SECONDS,
        check=False,
    )
    report = json.loads(ended.stdout)
    assert [(each["fullTitle"], each["err"]) for each in report["failures"]] == []
    assert report["stats"]["passes"] == 105
