"""Every refusal is one of the catalogue (protocol, Appendix A)."""

import pytest

from devicehive.protocol.refusals import ProtocolRefusal, Refusal, Refused, Rule, Violation, invalid
from devices.refusals import ConfigurationRefusal, DeviceRefusal, TokenRule, UserRule

FIELD_EMPTY = "Field cannot be empty. The length of {} should not be more than {} symbols."

CATALOGUE = {
    (400, "Answer is too large: use take and skip"),
    (400, "Answer is too large: use device/list"),
    (429, "Too many subscriptions"),
    (400, "'action' field could not be parsed to known endpoint"),
    (400, "'parameters' must be JSON Object!"),
    (400, "Actions list should contain only Strings or Integers"),
    (400, "Configuration name is wrong or empty"),
    (400, "Device Id can only contain letters, digits and dashes."),
    (400, "Device id is wrong or empty"),
    (400, "Device is empty"),
    (400, "Device type id is wrong or empty"),
    (400, "Device type is required"),
    (400, "Illegal argument: %s"),
    (400, "Invalid or empty authorization request parameters"),
    (400, "Invalid request parameters"),
    (400, "Invalid request parameters. Id cannot be specified."),
    (400, "Invalid user status"),
    (400, "Malformed Json received."),
    (400, "Missing or invalid payload in request"),
    (400, "Name cannot be empty. The name's length should not be more than 32 symbols."),
    (400, "Network id is wrong or empty"),
    (400, "Network is required"),
    (400, "Password can contain only from 6 to 128 symbols!"),
    (
        400,
        (
            "There are the following devices within this device type: %s. "
            "Please review and delete them first."
        ),
    ),
    (
        400,
        (
            "There are the following devices within this network: %s. "
            "Please review and delete them first."
        ),
    ),
    (400, "Token is too long: list fewer networks or device types"),
    (400, "Unparseable sort order : %s"),
    (400, "User id is wrong or empty"),
    (400, "User is required"),
    (400, "User role is invalid or empty"),
    (401, "Invalid credentials"),
    (401, "Invalid token type"),
    (401, "Token expired"),
    (401, "Token has expired"),
    (401, "Unauthorized"),
    (401, "User is locked or disabled"),
    (401, "User with login = %s not found or bad password"),
    (403, "Access is denied"),
    (403, "Admin permissions required for this action"),
    (403, "Cannot assign device type to user with all device types allowed"),
    (403, "Device type cannot be created. Device type with such name already exists"),
    (403, "Network cannot be created. Network with such name already exists"),
    (403, "No access to device"),
    (403, "No access to device type!"),
    (403, "No access to network!"),
    (403, "User is locked or disabled"),
    (403, "User with such login already exists. Please, select another one"),
    (
        403,
        "You can not delete a user or access key that you use to authenticate this request",
    ),
    (404, "Device type with id %s for user with id %s not found"),
    (404, "Device type with id = %s not found"),
    (404, "Device with such deviceId = %s not found"),
    (404, "Network with id %s for user with id %s was not found"),
    (404, "Network with id = %s not found"),
    (404, "Requested config with name = %s not found in the database"),
    (404, "User with id = %s not found"),
    (409, "Can not get current user."),
    (
        409,
        (
            "Posted data conflicts with internal state. Retry again if you are sure that data is "
            "correct. Consider not forcing server to do implicit operations, e.g. avoid device "
            "class or network updates or replacing equipment set during device registration."
        ),
    ),
    (403, "Device is blocked"),
    (429, "Too many messages"),
    (429, "Too many attempts"),
    (500, "Internal server error (error %s)"),
    (503, "Service is temporarily unavailable"),
    (507, "Storage is full"),
}
OF_MESSAGES = {
    (400, "Command id is wrong or empty"),
    (400, "Command is required"),
    (400, "Notification id is wrong or empty"),
    (400, "Notification id should be an integer value."),
    (400, "Notification is required"),
    (403, "Device with deviceId = %s is not connected to any network"),
    (
        403,
        "It's forbidden to insert these special notifications: $device-update, $device-add.",
    ),
    (403, "No access to any device type or network"),
    (404, "Command with id = %s not found"),
    (404, "Device types with such deviceTypeIds wasn't found: {%s}"),
    (404, "Networks with such networkIds wasn't found: {%s}"),
    (404, "Requested notification not found"),
    (404, "Subscription with id %s was not found"),
}
"""What only commands, notifications and subscriptions are refused with."""

OF_REST = {
    (400, "Error! Validation failed: Object is null"),
    (400, "Error! Validation failed: \nObject is null"),
    (400, "Limit can't be less than 0."),
    (400, "Timeout can't be less than 0 seconds. "),
    (400, "Timeout can't be more than 60 seconds. "),
    (400, "Unparseable timestamp"),
    (400, "HTTP 400 Bad Request"),
    (403, "User with id = %s not found"),
    (404, "HTTP 404 Not Found"),
    (405, "HTTP 405 Method Not Allowed"),
    (408, "HTTP 408 Request Timeout"),
    (413, "HTTP 413 Content Too Large"),
    (415, "HTTP 415 Unsupported Media Type"),
    (426, "This is a WebSocket: open it with ws:// or wss://"),
    (429, "HTTP 429 Too Many Requests"),
    (
        431,
        (
            "HTTP 431 Request Header Fields Too Large: more than 16 KB, which a token has that "
            "lists many networks or device types"
        ),
    ),
}
"""What only REST refuses with (REST Appendix B)."""

RULES = {
    "name field cannot be null.",
    "login field cannot be null.",
    "value field cannot be null.",
    FIELD_EMPTY.format("name", 128),
    FIELD_EMPTY.format("value", 128),
    FIELD_EMPTY.format("guid", 48),
    "The length of description should not be more than 128 symbols.",
    "The length of password should not be more than 128 symbols.",
    "Field login cannot be empty. The length of login should not be more than 128 symbols.",
    "Field cannot be empty. The length of login should be from 3 to 128 symbols.",
    "must not be null",
    (
        "Login can contain only lowercase or uppercase letters, numbers, and some special "
        "symbols (_@.)"
    ),
    "The value of role should not be more than 1.",
    "The value of role should not be less than 0.",
    "The value of status should not be more than 3.",
    "The value of status should not be less than 0.",
}
"""Messages of single constraints (A.3), which are 400."""


ON_THE_WIRE = [
    reason
    for catalogue in (*Refusal.__subclasses__(), *Rule.__subclasses__())
    if catalogue.__module__ != "devices.files.refusals"  # not on the wire
    for reason in catalogue
    if reason not in (DeviceRefusal.ID_TAKEN, ConfigurationRefusal.NAME_TAKEN)  # of the admin alone
]


@pytest.mark.parametrize("reason", ON_THE_WIRE, ids=str)
def test_every_refusal_is_in_the_catalogue(reason: Refusal) -> None:
    catalogue = CATALOGUE | OF_MESSAGES | OF_REST | {(400, rule) for rule in RULES}
    assert (reason.code, reason.text) in catalogue


def test_the_whole_catalogue_can_be_told() -> None:
    told = {(reason.code, reason.text) for reason in ON_THE_WIRE}
    assert CATALOGUE | OF_REST | {(400, rule) for rule in RULES} <= told


def test_a_refusal_names_the_values() -> None:
    refused = ProtocolRefusal.ILLEGAL_ARGUMENT("100%s")
    assert isinstance(refused, Refused)
    assert (refused.code, refused.text) == (400, "Illegal argument: 100%s")


def test_the_text_of_broken_rules_of_members() -> None:
    refused = invalid(
        Violation("userId", None, TokenRule.USER_ID_REQUIRED),
        Violation("role", 2, UserRule.ROLE_ABOVE),
    )
    assert refused.text == (
        "Error! Make sure, that the passed object is correct and properly structured. "
        "Validation failed: \nOn property userId (value: null): must not be null ; "
        "\nOn property role (value: 2): The value of role should not be more than 1. ; "
    )
