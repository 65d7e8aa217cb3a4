"""The API as a whole: its doors, what it says of itself, and how it refuses."""

from __future__ import annotations

from ninja import Swagger

import creditfactory
from creditfactory.api import answers, applications, decisions, papers, work
from creditfactory.api.faults import StrictParser, add_fault_handlers
from creditfactory.api.openapi import Doors

ABOUT = """
Every request is signed (see *Signed* under the locks) and every body is JSON in UTF-8.
Whatever is refused is refused in one sentence, in Chinese where ``Accept-Language`` begins with ``zh``; what is bad
input names the place, what was found and what was expected. A request that got no answer may be sent again: a
reference or an event key that is known already changes nothing. There are no web hooks: read the state as often as the
key's pace allows, with ``next`` for long lists; banks and other parties of ours are told by us and call back.
"""

api = Doors(
    title="Credit Factory",
    version=creditfactory.__version__,
    description=ABOUT.strip(),
    urls_namespace="api",
    parser=StrictParser(),
    docs=Swagger(settings={"validatorUrl": None, "supportedSubmitMethods": [], "defaultModelsExpandDepth": 0}),
    docs_url="/docs",
)
add_fault_handlers(api)
for doors in (applications.router, papers.router, decisions.router, work.router, answers.router):
    api.add_router("/v1", doors)
