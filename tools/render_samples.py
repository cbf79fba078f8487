"""Renders the sandbox's spoken messages with espeak-ng as 8 kHz, 16-bit, mono WAV: `python tools/render_samples.py`."""

import array
import io
import random
import subprocess
import wave
from pathlib import Path

TARGET = Path(__file__).parents[1] / "sandbox" / "speech"
RATE = 8000
TEXTS = {
    "en-mail-down": ("en-us",
                     "This is Priya Shah from Northwind Clinics, 5 1 4, 5 5 5, 0 1 4 2. Since midnight no mail "
                     "flows in or out for anybody. The queue keeps growing. Please call me back as soon as you can."),
    "en-compromised": ("en-us", "Hello, Tom Becker at Harbour Freight. One of our accounts was taken over and sends "
                       "thousands of messages. We are being blocked everywhere. My number is 5 1 4, 5 5 5, 0 1 7 7."),
    "en-interface": ("en-us", "Hi, it is Maria from Lakeside Law. We cannot reach the web interface since the restart. "
                     "The page times out on every machine. Please help."),
    "fr-courriel": ("fr-fr", "Bonjour, ici Luc Gagnon de la Clinique du Parc. Plus aucun courriel n'entre ni ne sort "
                    "depuis minuit. Rappelez-moi au 5 1 4, 5 5 5, 0 1 6 3. C'est urgent, merci."),
    "fr-compte": ("fr-fr", "Bonsoir, Sophie Lavoie, Transport Boréal. Un compte a été piraté et envoie du pourriel. "
                  "La file d'attente est pleine. Rappelez-moi s'il vous plaît."),
    "fr-interface": ("fr-fr", "Allô, c'est Marc de Verger Nord. L'interface ne répond plus depuis la mise à jour. "
                     "Personne ne peut se connecter."),
    "en-can-wait": ("en-us", "Hello, Priya Shah from Northwind Clinics. Nothing is down. I have a question "
                    "about the next invoice. It can wait until Monday."),
}  # fmt: skip
QUIET_SECONDS, QUIET_SWING = 4, 9


def render(voice: str, text: str) -> bytes:
    """Speech, resampled to the telephone's rate."""
    spoken = subprocess.run(
        ["espeak-ng", "-v", voice, "-s", "150", "--stdout", text], check=True, capture_output=True
    ).stdout
    with wave.open(io.BytesIO(spoken)) as sound:
        rate, frames = sound.getframerate(), array.array("h", sound.readframes(10**8))
    return _wav(_resampled(frames, rate))


def quiet() -> bytes:
    """Somebody who does not speak: a line with a little noise, the same at every run."""
    noise = random.Random(1)
    return _wav(array.array("h", (noise.randint(-QUIET_SWING, QUIET_SWING) for _ in range(QUIET_SECONDS * RATE))))


def _resampled(frames: "array.array[int]", rate: int) -> "array.array[int]":
    """The mean of the source frames under each target frame: enough of a low-pass for speech."""
    out, step = array.array("h"), rate / RATE
    for n in range(int(len(frames) / step)):
        part = frames[int(n * step) : max(int((n + 1) * step), int(n * step) + 1)]
        out.append(sum(part) // len(part))
    return out


def _wav(frames: "array.array[int]") -> bytes:
    out = io.BytesIO()
    with wave.open(out, "wb") as sound:
        sound.setnchannels(1)
        sound.setsampwidth(2)
        sound.setframerate(RATE)
        sound.writeframes(frames.tobytes())
    return out.getvalue()


if __name__ == "__main__":
    TARGET.mkdir(parents=True, exist_ok=True)
    for name, (voice, text) in TEXTS.items():
        (TARGET / f"{name}.wav").write_bytes(render(voice, text))
        print(name)
    (TARGET / "quiet.wav").write_bytes(quiet())
    print("quiet")
