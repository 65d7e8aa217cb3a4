"""A simulated market with a known truth, reproducible by its seed: people, firms, brokers, banks, and the staff."""
