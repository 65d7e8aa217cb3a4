"""``python -m creditfactory`` is the command ``creditfactory``."""

import sys

from creditfactory.cli import main

sys.exit(main())
