"""The jobs the workers do."""
