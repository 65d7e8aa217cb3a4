"""Messages to people: a text by template, with facts filled in; the address comes from the vault."""

from creditfactory.gateways.messages.contract import EXCHANGES, MessageAnswer, MessageRequest

__all__ = ["EXCHANGES", "MessageAnswer", "MessageRequest"]
