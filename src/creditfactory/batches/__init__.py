"""Dated work over many: past loans played back, end of day, arrears."""
