"""authenticate, token, token/*: log-in and tokens (protocol, 2.8 to 2.11)."""

from typing import Annotated, Any, ClassVar, Self

import msgspec
from msgspec import Meta

from devicehive.protocol.actions import Caller, Runs, action
from devicehive.protocol.bodies import Body, CheckedLater, Needed, Params
from devicehive.protocol.claims import ANY_ID
from devicehive.protocol.jwts import limit_of
from devicehive.protocol.permissions import BY_NAME, Permission
from devicehive.protocol.refusals import LaterRefusal, ProtocolRefusal, Violation, invalid
from devicehive.protocol.shapes import NULL, Long, Str, Timestamp, decode_member
from devices.handlers import gate
from devices.refusals import TokenRefusal, TokenRule, UserRefusal
from devices.services import authentication, logins, token_creation, tokens
from devices.services.authentication import Authentication
from devices.services.tokens import Scope, TokenPair


class Authenticate(Params):
    token: Needed[Str, ProtocolRefusal.UNAUTHORIZED]


@action(
    "authenticate",
    look_up=authentication.authenticate_many,
    errors=(ProtocolRefusal.INVALID_CREDENTIALS, ProtocolRefusal.TOKEN_EXPIRED),
)
def authenticate(caller: Caller, params: Authenticate) -> Authentication:
    """Let this connection act for the user of an access token, as far as the token allows.

    It stays authenticated until it closes or authenticates again, even if the token expires
    meanwhile; but not if the user is disabled, demoted or deleted, or the token is revoked.
    """
    if not params.token:
        raise ProtocolRefusal.UNAUTHORIZED()
    return Authentication.of(caller, params.token)


class LogIn(Params):
    login: Needed[Str, TokenRefusal.CREDENTIALS_REQUIRED]
    password: Needed[Str, TokenRefusal.CREDENTIALS_REQUIRED]


class Tokens(msgspec.Struct, rename="camel"):
    access_token: str
    refresh_token: str

    @classmethod
    def of(cls, pair: TokenPair) -> Self:
        return cls(pair.access, pair.refresh)


@action(
    "token",
    runs=Runs.AWAITED,
    errors=(
        UserRefusal.LOGIN_NOT_FOUND,
        UserRefusal.NOT_ACTIVE,
        ProtocolRefusal.INVALID_CREDENTIALS,
        LaterRefusal.TOO_MANY_ATTEMPTS,
    ),
)
async def log_in(caller: Caller, params: LogIn) -> Tokens:
    """Tokens for a login and its password. This does not authenticate the connection.

    After ten wrong passwords for a login from one address, each further try has to wait longer than
    the one before, at most 15 minutes. An address with a hundred failures in a minute has to wait
    too, and so does everybody while too many log in at once. `retryAfter` says how long.
    """
    if not params.login.strip() or not params.password:
        raise TokenRefusal.CREDENTIALS_REQUIRED()
    return Tokens.of(await logins.log_in(caller, params.login, params.password))


class Refresh(Params):
    refresh_token: Needed[Str, TokenRefusal.PAYLOAD_REQUIRED]


class Refreshed(msgspec.Struct, rename="camel"):
    published: ClassVar = "AccessToken"

    access_token: str


@action(
    "token/refresh",
    errors=(
        TokenRefusal.EMPTY,
        ProtocolRefusal.UNAUTHORIZED,
        ProtocolRefusal.INVALID_TOKEN_TYPE,
        ProtocolRefusal.REFRESH_TOKEN_EXPIRED,
    ),
)
def refresh(caller: Caller, params: Refresh) -> Refreshed:
    """A new access token that allows what the refresh token allows."""
    if not params.refresh_token:
        raise TokenRefusal.EMPTY()
    return Refreshed(tokens.refresh(params.refresh_token))


ACTIONS = {"type": "array", "items": {"type": ["string", "integer"]}}
"""Names or numbers of permissions."""


class TokenPayload(Body):
    """The `payload` of `token/create`; faults in it have errors of their own."""

    user_id: CheckedLater[Long] = None
    actions: Annotated[list[Any], Meta(extra_json_schema=ACTIONS)] | None = None
    network_ids: list[Str] | None = None
    device_type_ids: list[Str] | None = None
    expiration: Timestamp | None = None
    refresh_expiration: Timestamp | None = None


class Create(Params):
    # Kept as text, because a wrong type in it has an error of its own.
    payload: Annotated[msgspec.Raw, Meta(extra={"needed": True, "shape": TokenPayload})] = NULL


@action(
    "token/create",
    standing=gate.renew,
    needs=Permission.MANAGE_TOKEN,
    errors=(
        TokenRefusal.PAYLOAD_REQUIRED,
        TokenRefusal.ACTIONS,
        TokenRule.USER_ID_REQUIRED,
        TokenRefusal.USER_NOT_ACTIVE,
        TokenRefusal.TOO_LONG,
        ProtocolRefusal.INVALID_PARAMETERS,
        UserRefusal.NOT_FOUND,
    ),
)
def create(caller: Caller, params: Create) -> Tokens:
    """Make tokens for the caller or, as an administrator, for anyone, that allow what is chosen.

    Nobody can pass on more than their own token allows. Without `actions` a token allows nothing;
    with an empty list it allows what clients may do by default. Without `networkIds` it lists the
    networks that the caller's token lists, or gives access to none if that lists none; `"*"` stands
    for all. The same holds for `deviceTypeIds`.
    """
    payload = _read_payload(bytes(params.payload))
    scope = Scope(
        _action_ids(payload.actions), _ids(payload.network_ids), _ids(payload.device_type_ids)
    )
    if payload.user_id is None:
        raise invalid(Violation("userId", None, TokenRule.USER_ID_REQUIRED))
    pair = token_creation.create(
        caller.identity,
        payload.user_id,
        scope,
        expiration=payload.expiration,
        refresh_expiration=payload.refresh_expiration,
    )
    return Tokens.of(pair)


_decode_payload = msgspec.json.Decoder(TokenPayload, dec_hook=decode_member).decode


def _read_payload(text: bytes) -> TokenPayload:
    if text == b"null":
        raise TokenRefusal.PAYLOAD_REQUIRED()
    if not text.startswith(b"{"):
        raise ProtocolRefusal.MALFORMED()
    try:
        return _decode_payload(text)
    except msgspec.ValidationError:
        raise ProtocolRefusal.INVALID_PARAMETERS() from None


def _action_ids(actions: list[Any] | None) -> tuple[int, ...]:
    """The `a` claim. Unknown names and ids are dropped; if none are left, nothing is allowed
    (R-08), whereas an empty list means the permissions of a client."""
    if actions is None:
        return (Permission.NONE.value,)
    permissions = [_permission(each) for each in actions]
    known = tuple(dict.fromkeys(each.value for each in permissions if each is not None))
    return known if known or not actions else (Permission.NONE.value,)


def _permission(given: Any) -> Permission | None:
    if isinstance(given, str):
        return BY_NAME.get(given.lower())
    if isinstance(given, bool) or not isinstance(given, int | float) or given != int(given):
        raise TokenRefusal.ACTIONS()
    return Permission(int(given)) if int(given) in set(Permission) else None


def _ids(listed: list[str] | None) -> tuple[str, ...] | None:
    if listed is None:
        return None
    try:
        limit = limit_of(tuple(listed))
    except ValueError:
        raise ProtocolRefusal.INVALID_PARAMETERS() from None
    if limit.ids is None:
        return (ANY_ID,)
    # Drops repeated ids, and keeps the order.
    return tuple(dict.fromkeys(str(int(each)) for each in listed))
