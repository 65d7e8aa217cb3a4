"""Dated work over many: end of day, the claims clock, monitoring, and learning from what has become known."""
