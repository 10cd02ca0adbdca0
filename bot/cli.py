"""The command line: run, sandbox, migrate, sync, audit, doctor, grant, backup, restore."""

import argparse
import asyncio
import sys
from collections.abc import Awaitable, Callable, Sequence
from datetime import UTC, datetime
from functools import partial
from typing import TYPE_CHECKING

from services.roles import WORDS

if TYPE_CHECKING:
    from bot.settings import Settings

# What a command needs is imported when it runs: aiogram alone takes two seconds, and --help must not.

OK, FAILED, REFUSED = 0, 1, 2
"""Exit codes: done; tried and failed; the settings or the arguments cannot be used."""
PORTS = range(1, 2**16)


def main(arguments: Sequence[str] | None = None) -> int:
    """Carry out one command; the exit code."""
    given = parser().parse_args(arguments)
    match given.command:
        case "sandbox" if given.play is not None:
            from bot.sandbox.play import play

            return play(given.play)
        case "sandbox" if given.port not in PORTS:
            complain([f"Port {given.port} cannot be used: ports go from {PORTS[0]} to {PORTS[-1]}."])
            return REFUSED
        case "sandbox":
            from bot.sandbox.demo import serve

            return serve(given.port)
    return with_settings(_command(given))


def _command(given: argparse.Namespace) -> "Callable[[Settings], Awaitable[int]]":
    """What is to be done with the settings."""
    match given.command:
        case "grant":
            return partial(grant, user_id=given.user_id, word=given.role)
        case "restore":
            return partial(restore, file=given.file, over=given.over, unsound=given.unsound, done=given.done)
    return {"run": run, "migrate": migrate, "sync": sync, "audit": audit, "doctor": doctor, "backup": backup}[
        given.command
    ]


def parser() -> argparse.ArgumentParser:
    """The arguments that there are."""
    parser = argparse.ArgumentParser(prog="python -m bot", description="A Telegram shop for SMM services.")
    commands = parser.add_subparsers(dest="command", required=True, metavar="command")
    commands.add_parser("run", help="open the shop, with the settings of the environment and of .env")
    sandbox = commands.add_parser("sandbox", help="the shop in a simulated world: no token, no account")
    sandbox.add_argument("--port", type=int, default=8090, help="where the chat page is served (8090)")
    sandbox.add_argument("--play", metavar="STORY", help="a story without a browser: its name, all, or list")
    commands.add_parser("migrate", help="bring the database up to date")
    commands.add_parser("sync", help="fetch every provider's catalogue once")
    commands.add_parser("audit", help="check every invariant of the books, beside a running shop; 1 if one is broken")
    granting = commands.add_parser("grant", help="give somebody a role in running the shop, beside a running shop")
    granting.add_argument("user_id", type=int, help="their Telegram id, a number")
    granting.add_argument("role", choices=(*WORDS, "none"), help="none takes the role they have")
    commands.add_parser("backup", help="make a backup now, beside a running shop, as /backup does")
    restoring = commands.add_parser("restore", help="bring a backup back; nothing is sent upstream until compared")
    restoring.add_argument("file", nargs="?", help="the backup, sealed or not")
    restoring.add_argument("--over", action="store_true", help="in the place of a shop, which is kept aside")
    restoring.add_argument("--unsound", action="store_true", help="even where the books in it do not hold")
    restoring.add_argument(
        "--done", action="store_true", help="all is compared with the providers: send and sell again"
    )
    commands.add_parser("doctor", help="try the token, the providers and the database, and say what is wrong")
    return parser


def complain(sentences: Sequence[str]) -> None:
    """One sentence a line, on stderr, without anything secret."""
    from bot.logs import blotter

    for sentence in sentences:
        print(blotter.clean(sentence), file=sys.stderr)


def with_settings(command: "Callable[[Settings], Awaitable[int]]") -> int:
    """Load the settings, set up logging and carry the command out; refusals of the settings are told."""
    from bot import logs, settings

    try:
        loaded = settings.load()
    except settings.SettingsRefused as refusal:
        complain(refusal.sentences)
        return REFUSED
    logs.configure(loaded.log_format, loaded.log_level, loaded.secrets())
    with asyncio.Runner() as runner:
        try:
            return runner.run(_awaited(command, loaded))
        except KeyboardInterrupt:
            return FAILED


async def _awaited(command: "Callable[[Settings], Awaitable[int]]", settings: "Settings") -> int:
    return await command(settings)


async def run(settings: "Settings") -> int:
    """Open the shop until SIGTERM or SIGINT."""
    from bot import doctor

    findings = await doctor.examine_providers(settings)
    complain(doctor.troubles(findings))
    if any(finding.trouble and not finding.passing for finding in findings):
        return FAILED

    from bot.app import App
    from bot.storage import StartRefused
    from bot.telegram import TokenRejected

    try:
        await App(settings).run()
    except (StartRefused, TokenRejected) as refusal:
        complain([str(refusal)])
        return FAILED
    return OK


async def migrate(settings: "Settings") -> int:
    """Bring the database up to date."""
    from bot.storage import StartRefused, opened

    try:
        async with opened(settings) as db:
            from services import migrations

            print(f"The database is at revision {await migrations.current(db)}.")
    except StartRefused as refusal:
        complain([str(refusal)])
        return FAILED
    return OK


async def sync(settings: "Settings") -> int:
    """Fetch every provider's catalogue; one that fails is told and stops no other."""
    from bot import doctor, upstream
    from bot.storage import StartRefused, opened
    from services.provider import ProviderError
    from services.stock import CatalogueShrunk

    failed = not settings.providers
    if failed:
        complain([doctor.NO_PROVIDER])
    try:
        async with opened(settings) as db:
            for name, client in upstream.clients(settings).items():
                try:
                    report = await upstream.sync(
                        db, client, settings.providers[name], settings.policy, partial(datetime.now, UTC)
                    )
                    print(
                        f"{name}: {report.added} added, {report.changed} changed, "
                        f"{report.withdrawn} withdrawn, {report.skipped} cannot be sold here."
                    )
                except ProviderError as error:
                    failed = True
                    complain([doctor.worded(name, settings.providers[name], error)])
                except CatalogueShrunk as error:
                    failed = True
                    complain([f"Provider {error}."])
                finally:
                    await client.close()
    except StartRefused as refusal:
        complain([str(refusal)])
        return FAILED
    return FAILED if failed else OK


async def audit(settings: "Settings") -> int:
    """One line for each invariant, with the rows that break it; FAILED if any does, REFUSED if none can be read."""
    from bot.storage import StartRefused, beside
    from services import audit

    broken = 0
    try:
        async with beside(settings) as db, db.read() as session:
            look = audit.Look(session, settings.policy, datetime.now(UTC))
            for check in audit.CHECKS:
                breach = await check.run(look)
                verdict = "ok" if breach is None else "BROKEN"
                print(f"{verdict:<6}  {check.invariant.name}", flush=True)
                if breach is not None:
                    broken += 1
                    print(*(f"        {audit.worded(row)}" for row in breach.rows), sep="\n", flush=True)
                if breach is not None and breach.more:
                    print("        ... and more", flush=True)
    except StartRefused as refusal:
        complain([str(refusal)])
        return REFUSED
    print(f"{broken} of {len(audit.CHECKS)} are broken." if broken else f"All {len(audit.CHECKS)} hold.")
    return FAILED if broken else OK


async def doctor(settings: "Settings") -> int:
    """Try everything that the settings name; what is well goes to stdout, what is not to stderr."""
    from bot import doctor

    findings = [
        doctor.examine_admins(settings),
        await doctor.examine_telegram(settings),
        *await doctor.examine_providers(settings),
        await doctor.examine_database(settings),
        *await doctor.examine_orders(settings),
    ]
    for finding in findings:
        if finding.trouble is None:
            print(f"{finding.subject}: fine.", flush=True)
    complain(doctor.troubles(findings))
    return FAILED if doctor.troubles(findings) else OK


async def grant(settings: "Settings", user_id: int, word: str) -> int:
    """Give or take a role; what the staff did says so."""
    from bot.storage import StartRefused, beside
    from services import actions, roles, staff

    if user_id in settings.admin_ids:
        complain([f"{user_id} is an owner by ADMIN_IDS: change it there."])
        return REFUSED
    role, now = roles.role(word), datetime.now(UTC)
    try:
        async with beside(settings) as db, db.write() as session:
            if role is None:
                await staff.revoke(session, user_id=user_id, owners=settings.admin_ids)
            else:
                await staff.grant(
                    session, user_id=user_id, role=role, actor=staff.SHELL, owners=settings.admin_ids, now=now
                )
            await actions.record(
                session,
                key=f"shell:{user_id}:{now.isoformat()}",
                actor=staff.SHELL,
                code="grant",
                subject=f"user:{user_id}",
                detail={"id": str(user_id), "name": "", "role": word},
                now=now,
            )
    except StartRefused as refusal:
        complain([str(refusal)])
        return REFUSED
    print(f"{user_id} has no role any more." if role is None else f"{user_id} is {word} now.")
    return OK


async def backup(settings: "Settings") -> int:
    """Make a backup and say how it ended; owners are told as well."""
    from bot import recovery
    from bot.storage import StartRefused

    try:
        good, told = await recovery.back_up(settings)
    except StartRefused as refusal:
        complain([str(refusal)])
        return REFUSED
    if not good:
        complain([told])
        return FAILED
    print(told)
    return OK


async def restore(settings: "Settings", file: str | None, *, over: bool, unsound: bool, done: bool) -> int:
    """Bring a backup back, or, where that was done before, say that all is compared."""
    from bot import recovery
    from bot.storage import StartRefused

    if (file is None) is not done:
        complain(["Name the file of a backup; or, once all is compared, say --done alone."])
        return REFUSED
    try:
        if file is None:
            told = await recovery.compared(settings)
        else:
            told = await recovery.bring_back(settings, file, over=over, unsound=unsound)
    except StartRefused as refusal:
        complain([str(refusal)])
        return REFUSED
    print(*told, sep="\n")
    return OK
