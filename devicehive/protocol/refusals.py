"""The refusals of the protocol: codes and texts (Appendix A of the protocol)."""

from collections.abc import Sequence
from enum import Enum
from typing import NamedTuple, Self


class Cause(NamedTuple):
    """What the log says of a refusal and the client is not told: an event and its members."""

    event: str
    members: dict[str, object]


class Refused(Exception):  # noqa: N818  # what happened, as the protocol sees it: no error of ours
    """A request is refused: it is answered with `status: error`; the connection stays open, and no
    data is changed."""

    def __init__(
        self,
        code: int,
        text: str,
        *,
        retry_after: int | None = None,
        refusal: "Refusal | None" = None,
        values: tuple[object, ...] = (),
        reason: str = "",
    ) -> None:
        super().__init__(text)
        self.code = code
        self.text = text
        self.retry_after = retry_after
        """How many seconds the client should wait before it tries again (429 and 503)."""
        self.refusal = refusal
        """The entry of the catalogue; None if the text is composed of several."""
        self.values = values
        """The values that were put into the text."""
        self.reason = reason or (refusal.shown if refusal else "")
        """The text for the log, without values from the client, which may be secrets."""
        self.cause: Cause | None = None

    def because(self, event: str, **members: object) -> Self:
        """Give the log an event to name, and members that say to whom it happened."""
        self.cause = Cause(event, members)
        return self


class Refusal(Enum):
    """A catalogue of refusals. Calling a member with the values of its text makes a `Refused`."""

    def __init__(self, code: int, text: str) -> None:
        self.code = code
        self.text = text

    def __call__(self, *values: object) -> Refused:
        return Refused(self.code, self.text % values, refusal=self, values=values)

    def after(self, seconds: int) -> Refused:
        """The refusal, with the number of seconds to wait before the next try."""
        return Refused(self.code, self.text, refusal=self, retry_after=seconds)

    @property
    def shown(self) -> str:
        """The text, with `...` where it names a value."""
        return self.text.replace("%s", "...")


class ProtocolRefusal(Refusal):
    """The refusals that do not depend on the resource."""

    MALFORMED = 400, "Malformed Json received."
    ILLEGAL_ARGUMENT = 400, "Illegal argument: %s"
    ACTION_MISSING = 400, "'action' field could not be parsed to known endpoint"
    NOT_AN_OBJECT = 400, "'parameters' must be JSON Object!"
    INVALID_PARAMETERS = 400, "Invalid request parameters"
    UNPARSEABLE_SORT_ORDER = 400, "Unparseable sort order : %s"
    UNAUTHORIZED = 401, "Unauthorized"
    INVALID_CREDENTIALS = 401, "Invalid credentials"
    TOKEN_EXPIRED = 401, "Token expired"
    REFRESH_TOKEN_EXPIRED = 401, "Token has expired"
    INVALID_TOKEN_TYPE = 401, "Invalid token type"
    ACCESS_DENIED = 403, "Access is denied"
    CONFLICT = (
        409,
        (
            "Posted data conflicts with internal state. Retry again if you are sure that data is "
            "correct. Consider not forcing server to do implicit operations, e.g. avoid device "
            "class or network updates or replacing equipment set during device registration."
        ),
    )
    ANSWER_TOO_LARGE = 400, "Answer is too large: use take and skip"
    INTERNAL = 500, "Internal server error (error %s)"


class LaterRefusal(Refusal):
    """Refusals of requests that may succeed later, unchanged: every 429, 503 and 507 (R-46 to R-49
    and R-54)."""

    TOO_MANY_MESSAGES = 429, "Too many messages"
    TOO_MANY_ATTEMPTS = 429, "Too many attempts"
    TOO_MANY_REQUESTS = 429, "HTTP 429 Too Many Requests"
    TOO_MANY_SUBSCRIPTIONS = 429, "Too many subscriptions"
    UNAVAILABLE = 503, "Service is temporarily unavailable"
    """The database is unreachable, hangs or is locked, or too many requests are in flight."""
    STORAGE_FULL = 507, "Storage is full"


class HttpRefusal(Refusal):
    """Refusals that only REST has, whatever the resource (REST, Appendix B)."""

    NO_BODY = 400, "Error! Validation failed: Object is null"
    UNPARSEABLE_TIMESTAMP = 400, "Unparseable timestamp"
    BAD_REQUEST = 400, "HTTP 400 Bad Request"
    NOT_FOUND = 404, "HTTP 404 Not Found"
    METHOD_NOT_ALLOWED = 405, "HTTP 405 Method Not Allowed"
    REQUEST_TIMEOUT = 408, "HTTP 408 Request Timeout"
    BODY_TOO_LONG = 413, "HTTP 413 Content Too Large"
    UNSUPPORTED_MEDIA_TYPE = 415, "HTTP 415 Unsupported Media Type"
    UPGRADE_REQUIRED = 426, "This is a WebSocket: open it with ws:// or wss://"
    HEAD_TOO_LONG = (
        431,
        (
            "HTTP 431 Request Header Fields Too Large: more than 16 KB, which a token has that "
            "lists many networks or device types"
        ),
    )


INVALID = (
    "Error! Make sure, that the passed object is correct and properly structured. "
    "Validation failed: "
)


class Rule(Refusal):
    """A catalogue of rules for single members. One text names all broken rules (A.2, A.3)."""

    def __init__(self, text: str) -> None:
        super().__init__(400, text)


class Violation(NamedTuple):
    """A broken rule, the member it is about and the value that breaks it."""

    member: str
    value: object
    rule: Rule

    @property
    def text(self) -> str:
        shown = "null" if self.value is None else self.value
        return f"\nOn property {self.member} (value: {shown}): {self.rule.text} ; "

    @property
    def reason(self) -> str:
        """The text for the log, without the client's value."""
        return f"{self.member}: {self.rule.text}"


def invalid(*violations: Violation) -> Refused:
    """The refusal that names all these violations."""
    return Refused(
        400,
        INVALID + "".join(violation.text for violation in violations),
        reason="; ".join(violation.reason for violation in violations),
    )


def all_of(refusals: Sequence[Refusal]) -> Refused:
    """A refusal with the concatenated texts of several refusals, which all have the code 400."""
    text = "".join(refusal.text for refusal in refusals)
    return Refused(400, text, reason=text)
