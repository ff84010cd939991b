"""Refusals of files, of their rows and of the arguments of commands; not of the protocol."""

from devicehive.protocol.refusals import Refusal


class FileRefusal(Refusal):
    """Refusals of whole files, of which nothing is saved."""

    FORMAT = 400, "neither the name nor the option `format` tells whether this is NDJSON or CSV"
    SPREADSHEET = 400, "this is a spreadsheet or a ZIP archive: save it as CSV"
    OLD_SPREADSHEET = 400, "this is a spreadsheet of old Excel: save it as CSV"
    COMPRESSED = 400, "this is compressed: unpack it first"
    MARKUP = 400, "this is HTML, XML or another markup: save it as CSV"
    UNKNOWN_ENCODING = 400, "there is no encoding %s"
    WRONG_ENCODING = 400, "this is not %s: what follows could not be read; say its `encoding`"
    JSON = 400, "this is JSON: say `ndjson` as its format"
    ARRAY = 400, "the JSON array cannot be read: %s"
    OBJECT_OVER_LINES = 400, "an object over many lines: put each on one, or all into a JSON array"
    NO_ID_COLUMN = 400, "the first line must name the columns, with `id` among them"
    SAME_COLUMN = 400, "two columns have the name %s"
    UNKNOWN_COLUMN = 400, "there is no column %s; the option `ignore unknown` leaves it out"


class RowRefusal(Refusal):
    UNREADABLE = 400, "%s"
    ENCODING = 400, "not UTF-8, or not in the encoding that was said"
    NUL = 400, "%s: NUL character"
    CELLS = 400, "%d cells for %d columns"
    HEADER_AGAIN = 400, "the names of the columns again"
    SAME_MEMBER = 400, "the member %s is given twice"
    UNNAMED_COLUMN = 400, "a cell in a column without a name: %s"
    OPEN_QUOTE = 400, "a quote is opened and never closed; the rows after it are not read"
    ROUNDED_ID = 400, "a spreadsheet made a number of the id and rounded it: format it as text"
    NOT_A_TRUTH = 400, "isBlocked: %s is neither true nor false"
    NOT_AN_ID = 400, "%s: %s is no id"
    ID_AND_NAME = 400, "%sId and %sName are both given"
    UNKNOWN_NAME = 400, "there is no %s with the name %s"
    DISAGREES = 400, "%s says otherwise of the same device: %s"
