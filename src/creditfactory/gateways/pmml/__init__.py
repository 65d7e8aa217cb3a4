"""Points cards as PMML 4.4 scorecards, for whoever scores or builds them elsewhere."""

from creditfactory.gateways.pmml.reading import read_pmml
from creditfactory.gateways.pmml.writing import write_pmml

__all__ = ["read_pmml", "write_pmml"]
