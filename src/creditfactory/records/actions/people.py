"""Who works here: the roles, what each may do, and the people of a demo."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from django.contrib.auth.models import Group, User
from django.db import transaction

from creditfactory.records.audit import write_event
from creditfactory.records.tables import Tenant
from creditfactory.records.vault import open_person

FACTORY_GROUP = "factory:"

SEE = frozenset({"see_line", "see_cases"})
WORK = SEE | {"see_work", "do_work"}
LOOK = frozenset({"reveal", "see_papers"})
WRITE = frozenset({"see_rulebook", "edit_rulebook"})
SIGN = frozenset({"see_rulebook", "approve_rulebook"})
STUDY = frozenset({"see_loans", "see_history", "see_overrides", "export"})
LEAD = WORK | STUDY | LOOK | {"see_rulebook", "see_held", "withdraw", "resume"}


@dataclass(frozen=True, slots=True)
class Role:
    """One role: its code is the name of a group, its powers say which pages and acts it has."""

    code: str
    name_en: str
    name_zh: str
    powers: frozenset[str] = frozenset()
    demo_user: str = ""
    demo_name: str = ""


ROLES: tuple[Role, ...] = (
    Role("borrower", "Borrower", "借款人"),
    Role("agent", "Individual agent", "个人中介"),
    Role("broker_company", "Broker company", "中介公司"),
    Role("channel_manager", "Channel manager", "渠道经理", WORK, "zhou", "Zhou"),
    Role("account_manager", "Account manager", "客户经理", SEE | {"withdraw", "reveal"}, "wu", "Wu"),
    Role("mentor", "Mentor", "带教师傅", SEE),
    Role("data_entry_clerk", "Data entry clerk", "录入质检员", WORK, "xu", "Xu"),
    Role("online_officer", "Online check officer", "网核专员", WORK | LOOK, "sun", "Sun"),
    Role("phone_officer", "Phone check officer", "电核专员", WORK | {"reveal"}, "ma", "Ma"),
    Role("field_investigator", "Field investigator", "实地调查员", WORK | {"reveal"}, "zhu", "Zhu"),
    Role("credit_officer", "Credit officer", "信审员", WORK | LOOK | {"see_loans", "withdraw"}, "li", "Li"),
    Role(
        "senior_credit_officer", "Senior credit officer", "高级信审员",
        WORK | LOOK | {"see_loans", "see_held", "withdraw", "resume"}, "chen", "Chen",
    ),
    Role("fraud_analyst", "Fraud analyst", "反欺诈分析员", WORK | LOOK | {"see_held"}, "huang", "Huang"),
    Role("modeller", "Modeller", "建模师", SEE | WRITE | STUDY, "hu", "Hu"),
    Role("policy_owner", "Policy owner", "政策负责人",
         SEE | WRITE | SIGN | STUDY | {"propose_rulebook"}, "guo", "Guo"),
    Role("chief_risk_officer", "Chief risk officer", "首席风险官", LEAD | SIGN | {"propose_rulebook"}, "lin", "Lin"),
    Role("branch_head", "Branch head", "分公司负责人", LEAD, "he", "He"),
    Role("bank_officer", "Bank credit officer", "银行信贷员"),
    Role("insurer_officer", "Insurer's officer", "保险核保理赔员"),
    Role("lender", "Lender", "出借人"),
    Role("custodian", "Custodian", "存管方"),
    Role("early_warning_analyst", "Early-warning analyst", "预警分析员", WORK | {"see_loans", "export"}, "gao", "Gao"),
    Role("collector", "Collector", "催收员", WORK | {"see_loans", "reveal"}, "luo", "Luo"),
    Role("compliance_officer", "Compliance officer", "合规专员", LEAD - {"do_work", "resume"}, "liang", "Liang"),
    Role("auditor", "External auditor", "外部审计", SEE | STUDY | {"see_rulebook", "see_held"}, "song", "Song"),
    Role("regulator", "Regulator, read only", "监管只读", SEE | (STUDY - {"export"}) | {"see_rulebook"}, "zheng",
         "Zheng"),
    Role("event_host", "Investor relations host", "投资者关系主持人"),
)  # fmt: skip
ROLE_BY_CODE = {role.code: role for role in ROLES}


@dataclass(frozen=True, slots=True)
class DemoUser:
    """One person of the demo, as the sign-in page lists it."""

    username: str
    name: str
    role: Role


@transaction.atomic
def create_demo_users(*, tenant: str, password: str | None = None) -> tuple[DemoUser, ...]:
    """One user per role that has pages, all with the demo's password, at home in this factory as well.

    Called again for a second factory, the same people work in both; their password is set anew if one is given.
    """
    factory = Tenant.objects.get(code=tenant)
    home, _ = Group.objects.get_or_create(name=FACTORY_GROUP + factory.code)
    made = []
    hashed = ""
    for role in ROLES:
        group, _ = Group.objects.get_or_create(name=role.code)
        if not role.demo_user:
            continue
        user, _ = User.objects.get_or_create(username=role.demo_user, defaults={"first_name": role.demo_name})
        if password is not None:
            if not hashed:
                user.set_password(password)
                hashed = user.password
            user.password = hashed
            user.save(update_fields=["password"])
        user.groups.add(group, home)
        made.append(DemoUser(role.demo_user, role.demo_name, role))
    write_event(
        tenant=factory.code, by="demo", action="demo_users_created", object_kind="tenant", object_key=factory.code,
        users=len(made),
    )  # fmt: skip
    return tuple(made)


def list_demo_users() -> tuple[DemoUser, ...]:
    """The people of the demo that exist here, in the order of the line."""
    known = set(User.objects.filter(is_active=True).values_list("username", flat=True))
    return tuple(DemoUser(r.demo_user, r.demo_name, r) for r in ROLES if r.demo_user and r.demo_user in known)


@dataclass(frozen=True, slots=True)
class OpenPerson:
    """A person's facts in full, for one look."""

    name: str
    id_number: str
    phone: str
    is_erased: bool = False


@transaction.atomic
def reveal_person(*, tenant: str, token: str, number: str, why: str, by: str, at: datetime) -> OpenPerson:
    """Show who a token stands for; who looked, at whom and what for goes into the history first."""
    write_event(
        tenant=tenant, by=by, action="person_revealed", object_kind="application", object_key=number, at=at, why=why
    )
    facts = open_person(token)
    return OpenPerson(facts.get("name", ""), facts.get("id_number", ""), facts.get("phone", ""))
