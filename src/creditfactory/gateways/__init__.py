"""The outside parties: one folder each with its contract, one way to ask them, one way to read their call-backs."""

from creditfactory.gateways.address import Address, AddressBook, read_address_book
from creditfactory.gateways.asking import CALL_BACKS, CONTRACTS, Answer, CallBack, ask, find_exchange, read_call_back
from creditfactory.gateways.bank.contract import BankDecision, RecommendRequest
from creditfactory.gateways.bank_flow.contract import BankFlowRequest, StatementFile
from creditfactory.gateways.bureau.contract import BureauRequest
from creditfactory.gateways.court.contract import CourtRequest
from creditfactory.gateways.custodian.contract import DisburseRequest, DueInstalment, Receipt, RepaymentNotice
from creditfactory.gateways.details import check_details, load_plain, merge_details
from creditfactory.gateways.dossier_json import json_schema, load_dossier, load_evidence, read_dossier, write_dossier
from creditfactory.gateways.exchange import Accepted, Exchange, Firm, PartyReason, Person, StatusRequest
from creditfactory.gateways.identity.contract import IdentityRequest
from creditfactory.gateways.insurer.contract import ClaimAnswer, ClaimRequest, InsurerDecision, ReviewRequest
from creditfactory.gateways.messages.contract import MessageAnswer, MessageRequest
from creditfactory.gateways.read_faults import explain_fault
from creditfactory.gateways.registry.contract import RegistryRequest
from creditfactory.gateways.rulebook import load_rulebook
from creditfactory.gateways.signing import SignatureFault, build_signed_headers, check_signature, sign
from creditfactory.gateways.strict_json import is_broken, read_object
from creditfactory.gateways.submissions import PHONE as MOBILE
from creditfactory.gateways.submissions import Submission, check_event, is_id_number, name_applicant, read_submission
from creditfactory.gateways.tax.contract import InvoicesRequest, TaxRequest
from creditfactory.gateways.telecom.contract import TelecomRequest
from creditfactory.gateways.utilities.contract import UtilitiesRequest
from creditfactory.gateways.values_json import dump as dump_value
from creditfactory.gateways.values_json import load as load_value

__all__ = [
    "CALL_BACKS",
    "CONTRACTS",
    "MOBILE",
    "Accepted",
    "Address",
    "AddressBook",
    "Answer",
    "BankDecision",
    "BankFlowRequest",
    "BureauRequest",
    "CallBack",
    "ClaimAnswer",
    "ClaimRequest",
    "CourtRequest",
    "DisburseRequest",
    "DueInstalment",
    "Exchange",
    "Firm",
    "IdentityRequest",
    "InsurerDecision",
    "InvoicesRequest",
    "MessageAnswer",
    "MessageRequest",
    "PartyReason",
    "Person",
    "Receipt",
    "RecommendRequest",
    "RegistryRequest",
    "RepaymentNotice",
    "ReviewRequest",
    "SignatureFault",
    "StatementFile",
    "StatusRequest",
    "Submission",
    "TaxRequest",
    "TelecomRequest",
    "UtilitiesRequest",
    "ask",
    "build_signed_headers",
    "check_details",
    "check_event",
    "check_signature",
    "dump_value",
    "explain_fault",
    "find_exchange",
    "is_broken",
    "is_id_number",
    "json_schema",
    "load_dossier",
    "load_evidence",
    "load_plain",
    "load_rulebook",
    "load_value",
    "merge_details",
    "name_applicant",
    "read_address_book",
    "read_call_back",
    "read_dossier",
    "read_object",
    "read_submission",
    "sign",
    "write_dossier",
]
