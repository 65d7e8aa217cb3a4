"""What the API says of itself: the shapes of what is read raw, beside those of what is answered."""

from __future__ import annotations

import copy
from functools import lru_cache
from typing import Any

from ninja import NinjaAPI
from ninja.openapi.schema import OpenAPISchema

from creditfactory import gateways

REF = "#/components/schemas/"


def expect_body(shape: str) -> dict[str, Any]:
    """The request body of a door that reads its bytes itself, by the name of its shape."""
    content = {"application/json": {"schema": {"$ref": REF + shape}}}
    return {"requestBody": {"required": True, "content": content}}


@lru_cache(maxsize=1)
def draw_shapes() -> dict[str, Any]:
    """The dossier's schema with all its parts, and the submission's: the same with a person in place of the token."""
    whole = _point_at_components(gateways.json_schema())
    shapes: dict[str, Any] = {**whole.pop("$defs")}
    whole.pop("$schema", None)
    shapes["Dossier"] = whole
    submission, applicant = copy.deepcopy(whole), copy.deepcopy(shapes["Applicant"])
    submission["title"] = "Submission"
    submission["description"] = "A dossier that names its person, whom the vault keeps; the vault gives the token."
    applicant["properties"].pop("token")
    applicant["required"] = [name for name in applicant.get("required", []) if name != "token"]
    shapes["ApplicantOfSubmission"] = applicant
    shapes["Person"] = {
        "title": "Person", "type": "object", "additionalProperties": False,
        "required": ["name", "id_number", "phone"],
        "properties": {
            "name": {"type": "string", "minLength": 1, "maxLength": 80},
            "id_number": {"type": "string", "minLength": 18, "maxLength": 18},
            "phone": {"type": "string", "pattern": "^1[3-9][0-9]{9}$"},
            **{name: {"type": "string", "minLength": 1, "maxLength": 80}
               for name in ("address", "card_number", "employer")},
        },
    }  # fmt: skip
    submission["properties"]["applicant"] = {"$ref": REF + "ApplicantOfSubmission"}
    submission["properties"]["person"] = {"$ref": REF + "Person"}
    submission["required"] = [*submission["required"], "person"]
    shapes["Submission"] = submission
    return shapes


def _point_at_components(value: Any) -> Any:
    """The same schema with its references as OpenAPI has them."""
    if isinstance(value, dict):
        return {name: _point_at_components(inner) for name, inner in value.items()}
    if isinstance(value, list):
        return [_point_at_components(inner) for inner in value]
    if isinstance(value, str) and value.startswith("#/$defs/"):
        return REF + value.removeprefix("#/$defs/")
    return value


class Doors(NinjaAPI):
    """The API with the shapes of raw bodies among its components."""

    def get_openapi_schema(self, *args: Any, **kwargs: Any) -> OpenAPISchema:
        """The whole description, as served and as kept in ``docs/openapi.json``."""
        schema = super().get_openapi_schema(*args, **kwargs)
        schema["components"].setdefault("schemas", {}).update(draw_shapes())
        return schema
