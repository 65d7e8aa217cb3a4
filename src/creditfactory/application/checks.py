"""Is the dossier fit to be worked on: consents, territory, completeness."""
