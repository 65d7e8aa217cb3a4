"""Through whom applicants come: may this broker hand in more, and whose application is it."""

from creditfactory.channel.admission import (
    Admission,
    Attribution,
    ChannelFacts,
    attribute_lead,
    check_admission,
    rate_bads,
)
from creditfactory.channel.packaging import (
    STEPS,
    HandedIn,
    PackagingSign,
    Screening,
    Step,
    measure_house,
    measure_sign,
    screen_agent,
)

__all__ = [
    "STEPS",
    "Admission",
    "Attribution",
    "ChannelFacts",
    "HandedIn",
    "PackagingSign",
    "Screening",
    "Step",
    "attribute_lead",
    "check_admission",
    "measure_house",
    "measure_sign",
    "rate_bads",
    "screen_agent",
]
