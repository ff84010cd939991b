"""What a token says (protocol, 2.1), signed or not."""

import hashlib
import time
from typing import Annotated, Final

import msgspec

ACCESS: Final = 1
REFRESH: Final = 0
ANY_ID: Final = "*"
LARGEST_ID: Final = 2**63 - 1


TokenId = Annotated[str, msgspec.Meta(pattern=r"^[^\0\ud800-\udfff]*$")]
"""Any text that a database can be asked for. It is asked for those of many tokens at once."""


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
    """All claims of a token that the server reads. Those beside `payload` are its own (R-44),
    and absent in tokens from elsewhere."""

    payload: Claims
    v: int = 0
    """The token number that the user had when the token was made."""
    jti: TokenId | None = None
    """Of a pair, and of what is made by refreshing: one id, by which they are revoked together."""
    ancestors: tuple[TokenId, ...] = ()
    """The ids of the tokens of which it was made by `token/create`, the first of them first."""

    @property
    def ids(self) -> tuple[str, ...]:
        """The ids by which the token can be revoked: its own, and those of what it was made of."""
        return self.ancestors if self.jti is None else (*self.ancestors, self.jti)

    @property
    def fingerprint(self) -> str:
        """Tells a token from every other that says something else."""
        return hashlib.sha256(msgspec.json.encode(self)).hexdigest()
