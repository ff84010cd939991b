"""Refusals that name a resource (Appendix A of the protocol)."""

from devicehive.protocol.refusals import ProtocolRefusal, Refusal, Rule


class DeviceRefusal(Refusal):
    ID_REQUIRED = 400, "Device id is wrong or empty"
    ID_CHARACTERS = 400, "Device Id can only contain letters, digits and dashes."
    ID_LENGTH = (
        400,
        "Field cannot be empty. The length of guid should not be more than 48 symbols.",
    )
    EMPTY = 400, "Device is empty"
    NAME_REQUIRED = 400, "name field cannot be null."
    NAME_LENGTH = (
        400,
        "Field cannot be empty. The length of name should not be more than 128 symbols.",
    )
    ID_TAKEN = 409, "There is a device with this id already."
    NOT_FOUND = 404, "Device with such deviceId = %s not found"
    NO_ACCESS = 403, "No access to device"
    BLOCKED = 403, "Device is blocked"


class NetworkRefusal(Refusal):
    REQUIRED = 400, "Network is required"
    ID_REQUIRED = 400, "Network id is wrong or empty"
    NOT_FOUND = 404, "Network with id = %s not found"
    NAME_TAKEN = 403, "Network cannot be created. Network with such name already exists"
    NOT_EMPTY = (
        400,
        (
            "There are the following devices within this network: %s. "
            "Please review and delete them first."
        ),
    )
    NO_ACCESS = 403, "No access to network!"
    TOO_MANY_DEVICES = 400, "Answer is too large: use device/list"


class DeviceTypeRefusal(Refusal):
    REQUIRED = 400, "Device type is required"
    ID_REQUIRED = 400, "Device type id is wrong or empty"
    NOT_FOUND = 404, "Device type with id = %s not found"
    NAME_TAKEN = 403, "Device type cannot be created. Device type with such name already exists"
    NOT_EMPTY = (
        400,
        (
            "There are the following devices within this device type: %s. "
            "Please review and delete them first."
        ),
    )
    NO_ACCESS = 403, "No access to device type!"
    TOO_MANY_DEVICES = NetworkRefusal.TOO_MANY_DEVICES.code, NetworkRefusal.TOO_MANY_DEVICES.text


class GroupRefusal(Refusal):
    """Refusals of networks and device types alike."""

    ID_NOT_ALLOWED = 400, "Invalid request parameters. Id cannot be specified."


class GroupRule(Rule):
    NAME_REQUIRED = DeviceRefusal.NAME_REQUIRED.text
    NAME_LENGTH = DeviceRefusal.NAME_LENGTH.text
    DESCRIPTION_LENGTH = "The length of description should not be more than 128 symbols."


class UserRefusal(Refusal):
    ID_REQUIRED = 400, "User id is wrong or empty"
    REQUIRED = 400, "User is required"
    ROLE = 400, "User role is invalid or empty"
    STATUS = 400, "Invalid user status"
    LOGIN_LENGTH = (
        400,
        "Field cannot be empty. The length of login should be from 3 to 128 symbols.",
    )
    LOGIN_CHARACTERS = (
        400,
        (
            "Login can contain only lowercase or uppercase letters, numbers, and some special "
            "symbols (_@.)"
        ),
    )
    LOGIN_TAKEN = 403, "User with such login already exists. Please, select another one"
    PASSWORD_LENGTH = 400, "Password can contain only from 6 to 128 symbols!"
    NOT_FOUND = 404, "User with id = %s not found"
    NETWORK_NOT_FOUND = 404, "Network with id %s for user with id %s was not found"
    DEVICE_TYPE_NOT_FOUND = 404, "Device type with id %s for user with id %s not found"
    HAS_ALL_DEVICE_TYPES = 403, "Cannot assign device type to user with all device types allowed"
    ADMIN_REQUIRED = 403, "Admin permissions required for this action"
    DELETES_ITSELF = (
        403,
        "You can not delete a user or access key that you use to authenticate this request",
    )
    CURRENT_GONE = 409, "Can not get current user."
    LOGIN_NOT_FOUND = 401, "User with login = %s not found or bad password"
    NOT_ACTIVE = 401, "User is locked or disabled"


class StrangerRefusal(Refusal):
    """Refusals for another user, which are the same as for one who does not exist (R-23)."""

    NOT_FOUND = UserRefusal.NOT_FOUND.code, UserRefusal.NOT_FOUND.text


class UserRule(Rule):
    LOGIN_REQUIRED = "login field cannot be null."
    LOGIN_LENGTH = (
        "Field login cannot be empty. The length of login should not be more than 128 symbols."
    )
    PASSWORD_LENGTH = "The length of password should not be more than 128 symbols."  # noqa: S105  # no password
    ROLE_BELOW = "The value of role should not be less than 0."
    ROLE_ABOVE = "The value of role should not be more than 1."
    STATUS_BELOW = "The value of status should not be less than 0."
    STATUS_ABOVE = "The value of status should not be more than 3."


class TokenRefusal(Refusal):
    CREDENTIALS_REQUIRED = 400, "Invalid or empty authorization request parameters"
    PAYLOAD_REQUIRED = 400, "Missing or invalid payload in request"
    EMPTY = ProtocolRefusal.UNAUTHORIZED.code, ProtocolRefusal.UNAUTHORIZED.text
    ACTIONS = 400, "Actions list should contain only Strings or Integers"
    USER_NOT_ACTIVE = 403, "User is locked or disabled"
    TOO_LONG = 400, "Token is too long: list fewer networks or device types"


class TokenRule(Rule):
    USER_ID_REQUIRED = "must not be null"


class ConfigurationRefusal(Refusal):
    NAME_REQUIRED = 400, "Configuration name is wrong or empty"
    NAME_LENGTH = (
        400,
        "Name cannot be empty. The name's length should not be more than 32 symbols.",
    )
    NAME_TAKEN = 409, "There is an entry with this name already."
    NOT_FOUND = 404, "Requested config with name = %s not found in the database"


class ConfigurationRule(Rule):
    VALUE_REQUIRED = "value field cannot be null."
    VALUE_LENGTH = "Field cannot be empty. The length of value should not be more than 128 symbols."


class NotificationRefusal(Refusal):
    REQUIRED = 400, "Notification is required"
    ID_REQUIRED = 400, "Notification id is wrong or empty"
    ID_NOT_A_NUMBER = 400, "Notification id should be an integer value."
    NOT_FOUND = 404, "Requested notification not found"
    RESERVED = (
        403,
        "It's forbidden to insert these special notifications: $device-update, $device-add.",
    )


class CommandRefusal(Refusal):
    REQUIRED = 400, "Command is required"
    ID_REQUIRED = 400, "Command id is wrong or empty"
    NOT_FOUND = 404, "Command with id = %s not found"


class PollRefusal(Refusal):
    """Refusals of polls (REST 3.2). Several are joined into one text, hence the blanks."""

    TIMEOUT_NEGATIVE = 400, "Timeout can't be less than 0 seconds. "
    TIMEOUT_TOO_LONG = 400, "Timeout can't be more than 60 seconds. "
    LIMIT_NEGATIVE = 400, "Limit can't be less than 0."


class SubscriptionRefusal(Refusal):
    NOT_FOUND = 404, "Subscription with id %s was not found"
    NETWORKS_NOT_FOUND = 404, "Networks with such networkIds wasn't found: {%s}"
    DEVICE_TYPES_NOT_FOUND = 404, "Device types with such deviceTypeIds wasn't found: {%s}"
    NO_ACCESS = 403, "No access to any device type or network"
