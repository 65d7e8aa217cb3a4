"""``creditfactory rulebook diff``, ``log`` and ``publish``, and ``creditfactory replay``: a rulebook's life by hand."""

from __future__ import annotations

import argparse
import json
import re
import sys
from collections.abc import Iterable, Mapping
from dataclasses import asdict
from datetime import date
from difflib import get_close_matches
from pathlib import Path
from typing import TYPE_CHECKING, Any

from creditfactory import decision
from creditfactory.gateways import rulebook as packs
from creditfactory.kernel import BadInput, Refused, UnknownName

if TYPE_CHECKING:
    from creditfactory.decision import Note, Rulebook
    from creditfactory.records import TenantRecord

Opened = tuple["Rulebook", Mapping[str, "Note"]]
DIGEST = re.compile(r"[0-9a-f]{8,64}")
VERSION = re.compile(r"([a-z0-9][a-z0-9-]*):(\d{1,6})")

_DIFF = """A rulebook is a folder, the name of a pack on this machine, FACTORY:NUMBER of a version kept in a factory,
or the first eight or more signs of a kept version's digest.

example:
  creditfactory rulebook diff rulebook/cn-micro drafts/cn-micro --language zh
  creditfactory rulebook diff demo:1 demo:2
"""
_LOG = """example:
  creditfactory rulebook log cn-micro --law 9号
  creditfactory rulebook log demo:1 --language zh
"""
_PUBLISH = """SOURCE is the folder of a pack, taken in as a draft and checked, or the number of a version that is there.

example:
  creditfactory rulebook publish drafts/cn-micro --tenant demo --by hu --propose "Losses of last year"
  creditfactory rulebook publish 2 --tenant demo --by lin --approve
  creditfactory rulebook publish 2 --tenant demo --by guo --from 2026-12-01
  creditfactory rulebook publish 2 --tenant demo --by guo --challenger 1000
  creditfactory rulebook publish --tenant demo --by guo --roll-back --with lin
"""
_REPLAY = """example:
  creditfactory replay A-261123-00042
  creditfactory replay --all --tenant demo --limit 1000
"""


def add_arguments(kinds: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """Set up ``diff``, ``log`` and ``publish`` under ``creditfactory rulebook``; the choice lands in ``run``."""
    diff = _add(kinds, "diff", "say in words what differs between two rulebooks", _DIFF, run_diff)
    diff.add_argument("old", metavar="A", help="the rulebook before")
    diff.add_argument("new", metavar="B", help="the rulebook after")
    log = _add(kinds, "log", "list a rulebook's dated changes with their sources", _LOG, run_log)
    log.add_argument("rulebook", metavar="RULEBOOK", help="a folder, a pack's name, FACTORY:NUMBER or a digest")
    log.add_argument("--law", default="", metavar="TEXT", help="only changes whose source names this")
    for parser in (diff, log):
        parser.add_argument("--language", choices=("en", "zh"), default="en", help="language of the words (en)")
    publish = _add(kinds, "publish", "take a rulebook through its life in a running factory", _PUBLISH, run_publish)
    publish.add_argument("source", nargs="?", metavar="SOURCE", help="a pack's folder, or a version's number")
    publish.add_argument("--tenant", default="demo", metavar="CODE", help="the factory (demo)")
    publish.add_argument("--by", required=True, metavar="NAME", help="who does this")
    publish.add_argument("--no-mutation", action="store_true", help="check without scoring the cases")
    publish.add_argument("--title", default="", metavar="TEXT", help="what the new draft is called")
    act = publish.add_mutually_exclusive_group()
    act.add_argument("--propose", metavar="NOTE", help="ask a second person to approve it, saying what it is for")
    act.add_argument("--approve", action="store_true", help="approve what others wrote and proposed")
    act.add_argument("--reject", metavar="WHY", help="turn the proposal down")
    act.add_argument("--live", action="store_true", help="let it govern, from today or from --from")
    act.add_argument("--challenger", type=int, metavar="BPS", help="let it decide on a share (1000 is a tenth)")
    act.add_argument("--shadow", action="store_true", help="let it decide beside the one in force, touching no case")
    act.add_argument("--retire", action="store_true", help="end what it is at work as")
    act.add_argument("--roll-back", action="store_true", help="go back to the champion before today's, --with another")
    publish.add_argument("--with", dest="second", default="", metavar="NAME", help="the second person of a roll-back")
    publish.add_argument("--from", dest="starts_on", type=_read_day, metavar="DATE", help="first day (today)")
    publish.add_argument("--to", dest="ends_on", type=_read_day, metavar="DATE", help="first day without it")


def add_replay(commands: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """Set up ``creditfactory replay``."""
    replay = _add(commands, "replay", "make past decisions again, and compare them bit by bit", _REPLAY, run_replay)
    replay.add_argument("number", nargs="?", metavar="APPLICATION", help="the application's number")
    replay.add_argument("--all", action="store_true", help="every decision there is")
    replay.add_argument("--tenant", default="", metavar="CODE", help="only of this factory")
    replay.add_argument("--limit", type=_read_count, metavar="N", help="so many at the most")


def _add(kinds: Any, name: str, help_text: str, epilog: str, run: Any) -> argparse.ArgumentParser:
    parser: argparse.ArgumentParser = kinds.add_parser(
        name, help=help_text, description=help_text[0].upper() + help_text[1:] + ".", epilog=epilog,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )  # fmt: skip
    parser.set_defaults(run=run)
    return parser


def _read_day(text: str) -> date:
    try:
        return date.fromisoformat(text)
    except ValueError:
        raise argparse.ArgumentTypeError(f"found {text[:40]!r}, expected a day like 2026-11-23") from None


def _read_count(text: str) -> int:
    if text.isascii() and text.isdigit() and 0 < len(text) < 10 and int(text) > 0:
        return int(text)
    raise argparse.ArgumentTypeError(f"found {text[:40]!r}, expected a whole number from 1 up")


def run_diff(arguments: argparse.Namespace) -> int:
    """Print each difference as a JSON line; the same in words to stderr."""
    (old, old_notes), (new, new_notes) = open_rulebook(arguments.old), open_rulebook(arguments.new)
    changes = decision.compare_rulebooks(old, new, {**old_notes, **new_notes})
    _print(asdict(change) for change in changes)
    for change in changes:
        _say(change.words[arguments.language])
    if not changes:
        same = old.digest == new.digest
        _say(
            "The two are the same."
            if same
            else "They decide alike; only descriptions, sources, cases or notes differ."
            if arguments.language == "en"
            else "两个规则手册相同。"
            if same
            else "决策内容一致,仅说明、依据、案例或备注不同。"
        )
    return 0


def run_log(arguments: argparse.Namespace) -> int:
    """Print each dated change as a JSON line, with its source; the same in words to stderr."""
    rulebook, notes = open_rulebook(arguments.rulebook)
    entries = decision.list_log(rulebook, notes, law=arguments.law)
    _print(asdict(entry) for entry in entries)
    for entry in entries:
        source = f"  [{entry.reference}]" if entry.reference else ""
        _say(f"{entry.on.isoformat()}  {entry.words[arguments.language]}{source}")
    if not entries:
        _say(f"No dated change of {arguments.rulebook} names {arguments.law!r} as its source.")
    return 0


def open_rulebook(given: str) -> Opened:
    """A rulebook by folder, pack name, FACTORY:NUMBER or digest, with what its files say beside."""
    folder = Path(given)
    if folder.is_dir() or (len(folder.parts) == 1 and (packs.default_folder() / given / "pack.yaml").is_file()):
        if folder.is_dir() and not (folder / "pack.yaml").is_file():
            raise BadInput(place=given, found="no pack.yaml", expected="the folder of a rulebook")
        return packs.load_rulebook(given, locked=False), packs.read_notes(given)
    version, digest = VERSION.fullmatch(given), DIGEST.fullmatch(given)
    if version is None and digest is None:
        near = get_close_matches(
            given, [about.parent.name for about in packs.default_folder().glob("*/pack.yaml")], n=1
        )
        hint = f"; did you mean {near[0]}?" if near else ""
        raise BadInput(
            place=given, found="no such folder or pack",
            expected=f"a rulebook's folder, a pack's name, FACTORY:NUMBER, or eight or more signs of a digest{hint}",
        )  # fmt: skip
    _reach_factory()
    from creditfactory import publishing, records

    if version is not None:
        return publishing.open_version(_find_tenant(version[1]), int(version[2]))
    found = records.find_digests(given)
    if len(found) != 1:
        told = "no kept version" if not found else f"more than one: {', '.join(d[:16] for d in found)}"
        raise UnknownName(place=given, found=told, expected="the digest of one version kept here")
    opened = publishing.open_digest(found[0])
    assert opened is not None
    return opened


def run_publish(arguments: argparse.Namespace) -> int:
    """One step in a version's life; prints the version as JSON, exit 1 where its check found faults."""
    if arguments.source is None and not arguments.roll_back:
        raise BadInput(place="SOURCE", found="nothing", expected="a pack's folder or a version's number")
    _reach_factory()
    tenant = _find_tenant(arguments.tenant)
    from creditfactory import publishing

    if arguments.roll_back:
        if not arguments.second:
            release = publishing.ask_roll_back(tenant, by=arguments.by)
            _say("Asked for; it takes effect when a second person confirms it (--with NAME, or on the rulebook page).")
        else:
            release = publishing.roll_back(tenant, by=arguments.by, approved_by=arguments.second)
        _print([{"release": release, **_tell_now(tenant)}])
        return 0
    number = _take(tenant, arguments)
    status = publishing.find_version(tenant, number).row.status
    if status == "draft":
        report = publishing.check_version(tenant, number, by=arguments.by, mutation=not arguments.no_mutation)
        faults = [f for f in report["findings"] if f["kind"] == "fault"]
        for fault in faults:
            _say(f"{fault['place']}: {fault['what']}")
        if faults:
            _print([_tell_version(tenant, number)])
            _say(f"Version {number} stays a draft: {len(faults)} faults.")
            return 1
    _act(tenant, number, arguments)
    _print([_tell_version(tenant, number)])
    return 0


def _take(tenant: TenantRecord, arguments: argparse.Namespace) -> int:
    """The number of the version that is meant: named, imported before, or imported now."""
    from creditfactory import publishing

    source = str(arguments.source)
    if source.isascii() and source.isdigit() and not Path(source).exists():
        return int(source)
    same = publishing.find_same(tenant, source)
    if same is not None:
        _say(f"{source} is file by file what version {same} of {tenant.code} is.")
        return same
    return publishing.import_rulebook(tenant, source, by=arguments.by, title=arguments.title)


def _act(tenant: TenantRecord, number: int, arguments: argparse.Namespace) -> None:
    from creditfactory import publishing

    by, starts_on, ends_on = arguments.by, arguments.starts_on, arguments.ends_on
    if arguments.propose is not None:
        publishing.propose(tenant, number, note=arguments.propose, by=by)
    elif arguments.approve:
        publishing.approve(tenant, number, by=by)
    elif arguments.reject is not None:
        publishing.reject(tenant, number, reason=arguments.reject, by=by)
    elif arguments.challenger is not None:
        publishing.challenge(
            tenant, number, share_bps=arguments.challenger, by=by, starts_on=starts_on, ends_on=ends_on
        )
    elif arguments.shadow:
        publishing.shadow(tenant, number, by=by, starts_on=starts_on, ends_on=ends_on)
    elif arguments.retire:
        publishing.retire(tenant, number, by=by)
    elif arguments.live or starts_on is not None:
        if ends_on is not None:
            raise Refused("What governs ends when another version begins; --to is for a challenger or a shadow.")
        publishing.schedule(tenant, number, by=by, starts_on=starts_on)


def run_replay(arguments: argparse.Namespace) -> int:
    """Make one decision again, or all; exit 1 where one is different or cannot be made again."""
    if bool(arguments.number) == arguments.all:
        raise BadInput(
            place="replay", found="both a number and --all" if arguments.all else "neither a number nor --all",
            expected="the number of an application, such as A-261123-00042, or --all",
        )  # fmt: skip
    _reach_factory()
    from creditfactory import records, stations

    if arguments.tenant:
        _find_tenant(arguments.tenant)
    if arguments.all:
        ids: Iterable[int] = records.each_decided(tenant=arguments.tenant, limit=arguments.limit)
        summary = stations.sum_up(stations.replay_application(found) for found in ids)
        _print([summary])
        _say(
            f"{summary['replayed']} replayed: {summary['same']} the same, {summary['different']} different,"
            f" {summary['not_kept']} not kept."
        )
        return 1 if summary["different"] or summary["not_kept"] else 0
    found = records.find_decided(arguments.number, tenant=arguments.tenant)
    if not found:
        raise UnknownName(
            place="replay", found=repr(arguments.number[:40]), expected="an application policy has judged"
        )
    if len(found) > 1:
        raise Refused(f"{arguments.number} is in {', '.join(code for _, code in found)}: say which with --tenant.")
    replay = stations.replay_application(found[0][0])
    _print([stations.tell_replay(replay)])
    if replay.engines:
        _say(f"Decided by engine {', '.join(replay.engines)}; made again by another.")
    return 0 if replay.status == "same" else 1


def _reach_factory() -> None:
    """Speak to the factory that runs here, or whose database ``DATABASE_URL`` names."""
    from creditfactory.service.running import find_factory
    from creditfactory.service.setting_up import set_up_django

    set_up_django(find_factory())


def _find_tenant(code: str) -> TenantRecord:
    from creditfactory import records

    tenant = records.find_tenant(code)
    if tenant is None:
        known = ", ".join(t.code for t in records.list_tenants()) or "none"
        raise UnknownName(place="--tenant", found=repr(code[:40]), expected=f"a factory that is open here: {known}")
    return tenant


def _tell_version(tenant: TenantRecord, number: int) -> dict[str, Any]:
    from creditfactory import publishing

    found = publishing.find_version(tenant, number)
    row = asdict(found.row)
    row["releases"] = [
        {key: release[key] for key in ("id", "role", "share_bps", "starts_on", "ends_on", "state", "by", "approved_by")}
        for release in row["releases"]
    ]
    report = found.report or {}
    row["report"] = {key: value for key, value in report.items() if key != "findings"}
    return {"tenant": tenant.code, **{key: value for key, value in row.items() if key != "id"}}


def _tell_now(tenant: TenantRecord) -> dict[str, Any]:
    from creditfactory import records
    from creditfactory.records import reads

    now = reads.read_rulebook_now(tenant.id, on=records.read_clock(tenant.id).business_on)
    return {"tenant": tenant.code, "on": now.on, "champion": now.champion.number if now.champion else None}


def _print(rows: Iterable[Mapping[str, Any]]) -> None:
    for row in rows:
        print(json.dumps(row, ensure_ascii=False, default=str))


def _say(words: str) -> None:
    print(words, file=sys.stderr)
