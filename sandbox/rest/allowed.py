"""Which parameters each operation has, and what their values may be, as the carrier's specification has it.

- What the carrier does not know is refused, as it would be there.
- What the carrier knows and this desk cannot do is refused too, by name: to ignore it would be to lie.
- What changes nothing that a product could observe is accepted.
"""

from collections.abc import Mapping

from sandbox.rest.errors import invalid

Given = Mapping[str, list[str]]
TEXT = "text"
METHOD = "method"
BOOLEAN = "boolean"
ABSENT = "not on this desk"
LISTS = frozenset({"StatusCallbackEvent", "RecordingStatusCallbackEvent", "MediaUrl", "PersistentAction"})
DETECTION = ("Enable", "DetectMessageEnd")
Kind = str | range | tuple[str, ...]

DOCUMENT: dict[str, Kind] = {
    "Url": TEXT,
    "Method": METHOD,
    "Twiml": TEXT,
    "FallbackUrl": TEXT,
    "FallbackMethod": METHOD,
    "StatusCallback": TEXT,
    "StatusCallbackMethod": METHOD,
}
CREATE_CALL: dict[str, Kind] = {
    "To": TEXT,
    "From": TEXT,
    **DOCUMENT,
    "StatusCallbackEvent": TEXT,
    "Timeout": range(601),
    "TimeLimit": range(1, 86401),
    "MachineDetection": DETECTION,
    "MachineDetectionTimeout": range(3, 60),
    "MachineDetectionSpeechThreshold": range(1000, 6001),
    "MachineDetectionSpeechEndThreshold": range(500, 5001),
    "MachineDetectionSilenceTimeout": range(2000, 10001),
    "AsyncAmd": BOOLEAN,
    "AsyncAmdStatusCallback": TEXT,
    "AsyncAmdStatusCallbackMethod": METHOD,
    "CallReason": TEXT,
    "CallToken": TEXT,
    "ClientNotificationUrl": TEXT,
    "Trim": ("trim-silence", "do-not-trim"),
    "Record": ABSENT,
    "RecordingChannels": ABSENT,
    "RecordingTrack": ABSENT,
    "RecordingStatusCallback": ABSENT,
    "RecordingStatusCallbackMethod": ABSENT,
    "RecordingStatusCallbackEvent": ABSENT,
    "SendDigits": ABSENT,
    "SipAuthUsername": ABSENT,
    "SipAuthPassword": ABSENT,
    "CallerId": ABSENT,
    "Byoc": ABSENT,
    "ApplicationSid": ABSENT,
}
UPDATE_CALL: dict[str, Kind] = {
    "Status": ("completed", "canceled"),
    **DOCUMENT,
    "TimeLimit": range(1, 86401),
}
CREATE_MESSAGE: dict[str, Kind] = {
    "To": TEXT,
    "From": TEXT,
    "Body": TEXT,
    "StatusCallback": TEXT,
    "ValidityPeriod": TEXT,
    "SmartEncoded": BOOLEAN,
    "ProvideFeedback": BOOLEAN,
    "Attempt": range(1, 1000),
    "MaxPrice": TEXT,
    "ForceDelivery": BOOLEAN,
    "ContentRetention": ("retain", "discard"),
    "AddressRetention": ("retain", "obfuscate"),
    "RiskCheck": ("enable", "disable"),
    "TrafficType": ("free",),
    "PersistentAction": TEXT,
    "ShortenUrls": ABSENT,
    "ApplicationSid": ABSENT,
    "ScheduleType": ABSENT,
    "SendAt": ABSENT,
    "SendAsMms": ABSENT,
    "ContentVariables": ABSENT,
    "FallbackFrom": ABSENT,
    "MessagingServiceSid": ABSENT,
    "MediaUrl": ABSENT,
    "ContentSid": ABSENT,
}
UPDATE_MESSAGE: dict[str, Kind] = {"Body": TEXT, "Status": ("canceled",)}
UPDATE_NUMBER: dict[str, Kind] = {
    "VoiceUrl": TEXT,
    "VoiceMethod": METHOD,
    "VoiceFallbackUrl": TEXT,
    "VoiceFallbackMethod": METHOD,
    "SmsUrl": TEXT,
    "SmsMethod": METHOD,
    "SmsFallbackUrl": TEXT,
    "SmsFallbackMethod": METHOD,
    "StatusCallback": TEXT,
    "StatusCallbackMethod": METHOD,
    "VoiceApplicationSid": ("",),
    "SmsApplicationSid": ("",),
    "TrunkSid": ("",),
    "FriendlyName": TEXT,
    "ApiVersion": ("2010-04-01",),
    "VoiceReceiveMode": ("voice",),
    "AccountSid": ABSENT,
    "VoiceCallerIdLookup": BOOLEAN,
    "EmergencyStatus": ABSENT,
    "EmergencyAddressSid": ABSENT,
    "IdentitySid": ABSENT,
    "AddressSid": ABSENT,
    "BundleSid": ABSENT,
}


def check(given: Given, allowed: Mapping[str, Kind]) -> None:
    """Each parameter is known, given once unless it is a list, and has a value that can be. Raises 400."""
    for name, values in given.items():
        if name not in allowed:
            raise invalid(20001, f"Unknown parameter {name}")
        if allowed[name] == ABSENT:
            raise invalid(20001, f"{name} is {ABSENT}")
        if len(values) > 1 and name not in LISTS:
            raise invalid(20001, f"{name} was given twice")
        for value in values:
            if not _fits(value, allowed[name]):
                raise invalid(20001, f"{name} cannot be {value!r}")


def _fits(value: str, kind: Kind) -> bool:
    if isinstance(kind, range):
        return value.isdecimal() and int(value) in kind
    if isinstance(kind, tuple):
        return value in kind
    return value in {METHOD: ("GET", "POST"), BOOLEAN: ("true", "false")}.get(kind, (value,))
