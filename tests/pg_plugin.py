"""Where the tests' database is: settings are read before any conftest, so this is loaded by ``-p tests.pg_plugin``.

Each process of ``-n`` has a server of its own, started by ``tests.pg_fixtures`` at the first test that wants it.
``CREDITFACTORY_TEST_DATABASE_URL`` names a server to use instead.
"""

from __future__ import annotations

import os
import sys
import tempfile
from pathlib import Path

import pytest

OWN_SERVER = os.environ.get("CREDITFACTORY_TEST_DATABASE_URL", "")
DATA_DIR = Path(tempfile.gettempdir()) / f"creditfactory-tests-{os.getpid()}"

sys.path.insert(0, str(Path(__file__).resolve().parent.parent / "src"))
os.environ["DJANGO_SETTINGS_MODULE"] = "creditfactory.service.settings"
os.environ["DATABASE_URL"] = OWN_SERVER or f"postgresql:///creditfactory?host={DATA_DIR / 'run'}&user=postgres"
os.environ["CREDITFACTORY_CONN_MAX_AGE"] = "0"
os.environ["CREDITFACTORY_SECRET"] = "only-for-tests-" + "x" * 40
os.environ["CREDITFACTORY_VAULT_KEY"] = "A" * 43 + "="
os.environ["CREDITFACTORY_HOSTS"] = "127.0.0.1,localhost,testserver"


def pytest_configure(config: pytest.Config) -> None:
    """After all plugins that are installed, so that these fixtures take precedence over pytest-django's."""
    from tests import pg_fixtures

    config.pluginmanager.register(pg_fixtures, "creditfactory-database")
