"""Credit Factory: a data-driven credit factory for unsecured loans to micro and small businesses."""

__version__ = "0.1.0"
