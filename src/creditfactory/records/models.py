from creditfactory.records.tables import *  # noqa: F403  Django looks for tables in a module of this name
