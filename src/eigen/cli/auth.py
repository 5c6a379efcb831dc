"""`eigen auth create-key | list | revoke ID | audit`: the API keys of the data directory, and its audit log.

For whoever runs the server, on its machine: a server with the same data directory follows from the next request on.
"""

from __future__ import annotations

import re
from dataclasses import asdict
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

from eigen.cli.arguments import Parser, settings
from eigen.cli.commands import COMMANDS
from eigen.cli.output import say, show, show_json, table
from eigen.errors import EigenError, suggest

if TYPE_CHECKING:
    import argparse
    from collections.abc import Sequence

    from eigen.qfs.store import AuditLog, KeyStore
    from eigen.types import ApiKey

ACTIONS = ("create-key", "list", "revoke", "audit")
OPTIONS = {
    "create-key": {"name", "tenant", "project", "role", "expires"},
    "list": set[str](),
    "revoke": set[str](),
    "audit": {"tenant", "limit"},
}
DEFAULT_TENANT = "default"
NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,127}")
DURATION = re.compile(r"([1-9][0-9]{0,5})([dhm])")
UNITS = {"d": "days", "h": "hours", "m": "minutes"}
MAX_DURATION = timedelta(days=3660)
MAX_ENTRIES = 10_000


def parser() -> Parser:
    """The arguments of the command."""
    command = Parser("auth", COMMANDS["auth"].summary)
    command.add_argument("action", metavar="ACTION", help=", ".join(ACTIONS))
    command.add_argument("key_id", metavar="ID", nargs="?", help="the key, for revoke")
    group = command.add_argument_group("create-key")
    group.add_argument("--name", metavar="NAME", help="what the key is for")
    group.add_argument("--tenant", metavar="TENANT", help=f"whose key it is (default: {DEFAULT_TENANT})")
    group.add_argument("--project", metavar="PROJECT", help="the project it sees; without it, all of the tenant's")
    group.add_argument("--role", metavar="ROLE", action="append", help="admin, user or readonly (default: user)")
    group.add_argument("--expires", metavar="90d", help="how long it is good for: days d, hours h, minutes m")
    group = command.add_argument_group("audit")
    group.add_argument("--limit", metavar="N", help="how many entries, the newest first (default: 50)")
    return command


def run(words: Sequence[str]) -> int:
    """Run the command."""
    options = parser().read(words)
    _check(options)
    from eigen.app import open_identity

    with open_identity(settings(options)) as (keys, log):
        match options.action:
            case "create-key":
                return _create(options, keys, log)
            case "list":
                return _list(keys, as_json=options.json)
            case "revoke":
                return _revoke(options, keys, log)
            case _:
                return _audit(options, log)


def _check(options: argparse.Namespace) -> None:
    """Every option and argument belongs to the action; EIGEN_USAGE."""
    action = options.action
    if action not in ACTIONS:
        hint = suggest(action, ACTIONS) or f"one of {', '.join(ACTIONS)}"
        raise EigenError("EIGEN_USAGE", f"there is no action `{action[:60]}`", hint=hint)
    for name in ("name", "tenant", "project", "role", "expires", "limit"):
        if getattr(options, name) is not None and name not in OPTIONS[action]:
            raise EigenError("EIGEN_USAGE", f"`{action}` takes no `--{name}`", hint="see `eigen auth --help`")
    if (action == "revoke") != (options.key_id is not None):
        message = "`revoke` needs the id of a key" if action == "revoke" else f"`{action}` takes no id"
        raise EigenError("EIGEN_USAGE", message, hint="`eigen auth list` shows the keys")


def _create(options: argparse.Namespace, keys: KeyStore, log: AuditLog) -> int:
    from eigen.api.identity.api_keys import make_key

    name = options.name or ""
    if not name.strip() or len(name) > 128 or not name.isprintable():
        raise EigenError("EIGEN_USAGE", "`create-key` needs `--name`, what the key is for, in 1 to 128 characters")
    now = datetime.now(UTC)
    key, token = make_key(
        name,
        tenant=_word("--tenant", options.tenant or DEFAULT_TENANT),
        project=_word("--project", options.project) if options.project else "",
        roles=_roles(options.role or ["user"]),
        at=now,
        expires=None if options.expires is None else now + _duration(options.expires),
    )
    keys.add(key)
    _note(log, "auth:create-key", key.key_id)
    if options.json:
        show_json(_key_json(key, now) | {"token": token})
    else:
        show(token)
        until = f"until {key.expires_at}" if key.expires_at else "and does not expire"
        say(f"key {key.key_id} of tenant {key.tenant} has the roles {', '.join(key.roles)} {until}")
        say("this is the only time the key is shown: keep it like a password")
    return 0


def _list(keys: KeyStore, *, as_json: bool) -> int:
    now = datetime.now(UTC)
    found = keys.list()
    if as_json:
        show_json({"keys": [_key_json(key, now) for key in found]})
        return 0
    rows = [
        (
            key.key_id,
            _state(key, now),
            key.tenant,
            key.project or "(all)",
            ",".join(key.roles),
            key.created_at[:10],
            key.expires_at[:16].replace("T", " ") or "never",
            key.name,
        )
        for key in found
    ]
    show(table(rows, ("KEY", "STATE", "TENANT", "PROJECT", "ROLES", "CREATED", "EXPIRES (UTC)", "NAME")))
    return 0


def _revoke(options: argparse.Namespace, keys: KeyStore, log: AuditLog) -> int:
    key = keys.find(options.key_id)
    if key is None:
        message = f"there is no API key `{_public(options.key_id)[:60]}`"
        raise EigenError("EIGEN_USAGE", message, hint="`eigen auth list` shows the keys")
    now = datetime.now(UTC)
    changed = keys.revoke(key.key_id, now.isoformat(timespec="milliseconds").replace("+00:00", "Z"))
    if changed:
        _note(log, "auth:revoke", key.key_id)
    if options.json:
        show_json(_key_json(keys.find(key.key_id) or key, now))
    else:
        show(f"{key.key_id} is revoked" if changed else f"{key.key_id} was revoked before")
    return 0


def _audit(options: argparse.Namespace, log: AuditLog) -> int:
    text = options.limit or "50"
    if not text.isdecimal() or not 1 <= int(text[:9]) <= MAX_ENTRIES:
        raise EigenError("EIGEN_USAGE", f"`--limit` needs a number from 1 to {MAX_ENTRIES}, not `{text[:60]}`")
    entries = log.newest(int(text), tenant=options.tenant)
    if options.json:
        show_json({"entries": [asdict(entry) for entry in entries]})
        return 0
    rows = [
        (
            entry.at[:19].replace("T", " "),
            entry.subject,
            entry.tenant or "(operator)",
            entry.action,
            entry.outcome,
            entry.surface,
            entry.target,
        )
        for entry in entries
    ]
    show(table(rows, ("AT (UTC)", "WHO", "TENANT", "ACTION", "OUTCOME", "THROUGH", "TARGET")))
    return 0


def _note(log: AuditLog, action: str, target: str) -> None:
    from eigen.telemetry import trace_id
    from eigen.types import OPERATOR, AuditEntry

    at = datetime.now(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")
    log.append(
        AuditEntry(
            at=at,
            subject=OPERATOR.subject,
            tenant=OPERATOR.tenant,
            action=action,
            target=target,
            outcome="ok",
            surface="cli",
            trace_id=trace_id(),
        )
    )


def _key_json(key: ApiKey, now: datetime) -> dict[str, Any]:
    """A key as JSON, without the digest of its secret."""
    value = asdict(key) | {"roles": list(key.roles), "state": _state(key, now)}
    del value["secret_sha256"]
    return value


def _state(key: ApiKey, now: datetime) -> str:
    if key.revoked_at:
        return "revoked"
    return "expired" if key.expires_at and now >= datetime.fromisoformat(key.expires_at) else "active"


def _roles(words: Sequence[str]) -> tuple[str, ...]:
    from eigen.api.permissions import ROLES

    for word in words:
        if word not in ROLES:
            hint = suggest(word, list(ROLES)) or f"one of {', '.join(ROLES)}"
            raise EigenError("EIGEN_USAGE", f"there is no role `{word[:60]}`", hint=hint)
    return tuple(sorted(set(words)))


def _word(option: str, text: str) -> str:
    if not NAME.fullmatch(text):
        message = f"`{option}` needs letters, digits, `.`, `_` and `-`, at most 128, not `{text[:60]}`"
        raise EigenError("EIGEN_USAGE", message)
    return text


def _duration(text: str) -> timedelta:
    match = DURATION.fullmatch(text)
    found = timedelta(**{UNITS[match[2]]: int(match[1])}) if match else timedelta(0)
    if not timedelta(0) < found <= MAX_DURATION:
        message = f"`--expires` needs a duration like 90d, 12h or 30m, of ten years at most, not `{text[:60]}`"
        raise EigenError("EIGEN_USAGE", message)
    return found


def _public(text: str) -> str:
    """What may be shown of a word that was meant as a key's id and may be a whole key."""
    return text.split("_")[1] if text.startswith("eigen_") else text
