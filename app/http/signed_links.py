"""Signed addresses that open one thing: the audio that the carrier plays, for an hour; somebody's shifts."""

from collections.abc import Sequence

from itsdangerous import BadData, URLSafeSerializer, URLSafeTimedSerializer

AUDIO_SECONDS = 3600
NOBODY = 0
KINDS = ("technician", "rotation")


class Links:
    """Makes and reads tokens under the process's secret keys: the last one signs, all of them vouch."""

    def __init__(self, keys: Sequence[str]) -> None:
        self._audio = URLSafeTimedSerializer(keys, salt="audio")
        self._calendar = URLSafeSerializer(keys, salt="calendar")

    def audio(self, recording_sid: str) -> str:
        """A path that plays this recording for an hour."""
        return f"/media/{self._audio.dumps(recording_sid)}"

    def recording_sid(self, token: str) -> str | None:
        """The recording a token opens; None when it is forged or too old."""
        try:
            return str(self._audio.loads(token, max_age=AUDIO_SECONDS))
        except BadData:
            return None

    def calendar(self, kind: str, name: str, user_id: int | None) -> str:
        """A secret path to the shifts of a technician or a rotation, given to this user (None: at the demo); good until
        its key is taken out of the settings."""
        return f"/calendar/{self._calendar.dumps([kind, name, user_id or NOBODY])}.ics"

    def calendar_of(self, token: str) -> tuple[str, str, int | None] | None:
        """(kind, name, to whom it was given) that a token opens; None when it is forged. Links from before said of
        nobody to whom they were given: a rotation's is not taken any more."""
        try:
            kind, name, *given_to = self._calendar.loads(token)
        except (BadData, ValueError, TypeError):
            return None
        if kind not in KINDS or (kind == "rotation" and not given_to):
            return None
        return kind, name, (given_to[0] or None) if given_to else None
