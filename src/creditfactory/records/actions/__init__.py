"""Every write: keyword-only, atomic, with who did it, and an audit event."""
