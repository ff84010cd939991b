"""authenticate, token, token/*: log-in and tokens (protocol, 2.8 to 2.11)."""

from typing import Any

import msgspec

from devicehive.actions import Caller, Runs, action
from devicehive.errors import ProtocolError, Violation, invalid
from devicehive.permissions import BY_NAME, Permission
from devicehive.shapes import NULL, Body, Long, Params, Str, Timestamp, decode_member
from devicehive.tokens import ids
from devices.errors import TokenError, TokenRule
from devices.services import tokens
from devices.services.tokens import Scope, TokenPair


class Authenticate(Params):
    token: Str | None = None


@action("authenticate")
def authenticate(caller: Caller, params: Authenticate) -> None:
    if not params.token:
        raise ProtocolError.UNAUTHORIZED()
    caller.principal = tokens.authenticate(params.token)


class LogIn(Params):
    login: Str | None = None
    password: Str | None = None


@action("token", runs=Runs.PASSWORDS)
def log_in(caller: Caller, params: LogIn) -> dict[str, str]:
    if not params.login or not params.login.strip() or not params.password:
        raise TokenError.CREDENTIALS_REQUIRED()
    return _members(tokens.log_in(params.login, params.password))


class Refresh(Params):
    refresh_token: Str | None = None


@action("token/refresh")
def refresh(caller: Caller, params: Refresh) -> dict[str, str]:
    if params.refresh_token is None:
        raise TokenError.PAYLOAD_REQUIRED()
    return {"accessToken": tokens.refresh(params.refresh_token)}


class Payload(Body):
    """`payload` of `token/create`; what is wrong in it has errors of its own."""

    user_id: Long | None = None
    actions: list[Any] | None = None
    network_ids: list[Str] | None = None
    device_type_ids: list[Str] | None = None
    expiration: Timestamp | None = None
    refresh_expiration: Timestamp | None = None


class Create(Params):
    payload: msgspec.Raw = NULL


@action("token/create", needs=Permission.MANAGE_TOKEN)
def create(caller: Caller, params: Create) -> dict[str, str]:
    payload = _read_payload(bytes(params.payload))
    scope = Scope(
        _action_ids(payload.actions), _ids(payload.network_ids), _ids(payload.device_type_ids)
    )
    if payload.user_id is None:
        raise invalid(Violation("userId", None, TokenRule.USER_ID_REQUIRED))
    pair = tokens.create(
        caller.identity,
        payload.user_id,
        scope,
        expiration=payload.expiration,
        refresh_expiration=payload.refresh_expiration,
    )
    return _members(pair)


_decode_payload = msgspec.json.Decoder(Payload, dec_hook=decode_member).decode


def _read_payload(text: bytes) -> Payload:
    if text == b"null":
        raise TokenError.PAYLOAD_REQUIRED()
    if not text.startswith(b"{"):
        raise ProtocolError.MALFORMED()
    try:
        return _decode_payload(text)
    except msgspec.ValidationError:
        raise ProtocolError.INVALID_PARAMETERS() from None


def _action_ids(actions: list[Any] | None) -> tuple[int, ...]:
    """The `a` claim: unknown names and ids are dropped; nothing left of something is nothing
    allowed (R-08), whereas an empty list means the client set."""
    if actions is None:
        return (Permission.NONE.value,)
    permissions = [_permission(each) for each in actions]
    known = tuple(dict.fromkeys(each.value for each in permissions if each is not None))
    return known if known or not actions else (Permission.NONE.value,)


def _permission(given: Any) -> Permission | None:
    if isinstance(given, str):
        return BY_NAME.get(given.lower())
    if isinstance(given, bool) or not isinstance(given, int | float) or given != int(given):
        raise TokenError.ACTIONS()
    return Permission(int(given)) if int(given) in set(Permission) else None


def _ids(listed: list[str] | None) -> tuple[str, ...] | None:
    if listed is None:
        return None
    claim = tuple(listed)
    try:
        ids(claim)
    except ValueError:
        raise ProtocolError.INVALID_PARAMETERS() from None
    return claim


def _members(pair: TokenPair) -> dict[str, str]:
    return {"accessToken": pair.access, "refreshToken": pair.refresh}
