"""The claims of a token (protocol, 2.1), whether it is signed yet or not."""

import hashlib
import time
from typing import Annotated, Final

import msgspec

ACCESS: Final = 1
REFRESH: Final = 0
ANY_ID: Final = "*"
LARGEST_ID: Final = 2**63 - 1


TokenId = Annotated[str, msgspec.Meta(pattern=r"^[^\0\ud800-\udfff]*$")]
"""Any text without NUL and lone surrogates, which a database refuses. Ids of many tokens are looked
up in one query, which one bad id would make fail for all."""


class Claims(msgspec.Struct, frozen=True, omit_defaults=True):
    """The `payload` claim of a user token (protocol, 2.1): `e` in milliseconds since 1970."""

    u: Annotated[int, msgspec.Meta(ge=0, le=LARGEST_ID)]
    e: int
    t: int
    a: tuple[int, ...] | None = None
    n: tuple[str, ...] | None = None
    dt: tuple[str, ...] | None = None

    @property
    def is_expired(self) -> bool:
        return self.e < time.time() * 1000


class ClaimsSet(msgspec.Struct, frozen=True, omit_defaults=True):
    """All claims that the server reads. Those beside `payload` are this server's own (R-44), and
    absent in tokens from elsewhere."""

    payload: Claims
    v: int = 0
    """The user's token number when the token was made."""
    jti: TokenId | None = None
    """The id by which the token is revoked. The two tokens of a pair, and the tokens made by
    refreshing them, have the same one."""
    ancestors: tuple[TokenId, ...] = ()
    """The ids of the tokens that this one descends from by `token/create`, the oldest first."""

    @property
    def ids(self) -> tuple[str, ...]:
        """The ids by which the token can be revoked: those of its ancestors, and its own."""
        return self.ancestors if self.jti is None else (*self.ancestors, self.jti)

    @property
    def fingerprint(self) -> str:
        """A hash that differs for tokens with different claims."""
        return hashlib.sha256(msgspec.json.encode(self)).hexdigest()
