"""DMN: decision models of other houses read and evaluated as their standard says, and ours written in its words."""

from creditfactory.gateways.dmn.deciding import Failed, Line, Model
from creditfactory.gateways.dmn.evaluating import Evaluator, check_decisions
from creditfactory.gateways.dmn.json_forms import read_inputs, read_line, write_value
from creditfactory.gateways.dmn.xml_reading import read_model, read_model_file

__all__ = [
    "Evaluator",
    "Failed",
    "Line",
    "Model",
    "check_decisions",
    "read_inputs",
    "read_line",
    "read_model",
    "read_model_file",
    "write_value",
]
