"""The network: phones, calls, texts and the one number of an account."""

from sandbox.calls import CallDesk
from sandbox.config import SandboxClock, SandboxConfig
from sandbox.texts import TextDesk
from sandbox.wire import Wire


class Network(Wire):
    def __init__(self, config: SandboxConfig, clock: SandboxClock, *, threaded: bool) -> None:
        super().__init__(config, clock, threaded=threaded)
        self.calls, self.texts = CallDesk(self), TextDesk(self)
