"""Signed addresses that open one thing for a while: the audio that the carrier plays to a technician."""

from itsdangerous import BadData, URLSafeTimedSerializer

AUDIO_SECONDS = 3600


class Links:
    """Makes and reads tokens under the process's secret key."""

    def __init__(self, secret: str) -> None:
        self._audio = URLSafeTimedSerializer(secret, salt="audio")

    def audio(self, recording_sid: str) -> str:
        """A path that plays this recording for an hour."""
        return f"/media/{self._audio.dumps(recording_sid)}"

    def recording_sid(self, token: str) -> str | None:
        """The recording a token opens; None when it is forged or too old."""
        try:
            return str(self._audio.loads(token, max_age=AUDIO_SECONDS))
        except BadData:
            return None
