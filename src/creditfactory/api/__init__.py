"""JSON for machines: signed requests of brokers, borrowers, banks and the simulated market."""
