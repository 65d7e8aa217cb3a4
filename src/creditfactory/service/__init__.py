"""Settings, the supervisor, queue wiring and metrics."""
