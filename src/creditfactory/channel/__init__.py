"""Through whom applicants come: may this broker hand in more, and whose application is it."""

from creditfactory.channel.admission import (
    Admission,
    Attribution,
    ChannelFacts,
    attribute_lead,
    check_admission,
    rate_bads,
)

__all__ = ["Admission", "Attribution", "ChannelFacts", "attribute_lead", "check_admission", "rate_bads"]
