"""A mail server that does as it is told: takes mail, drips, refuses for now or for good, or dies after DATA."""

import enum
import socketserver
import threading
import time
from dataclasses import dataclass, field
from email import message_from_bytes, policy
from email.message import EmailMessage
from types import TracebackType

DRIP = 8.0  # seconds that a slow server takes for a mail


class Mood(enum.Enum):
    """How the server treats what comes."""

    GOOD = "takes every mail"
    SLOW = "takes every mail after a while"
    SILENT = "accepts connections and says nothing"
    BUSY = "refuses for now (4xx)"
    STERN = "refuses for good (5xx)"
    FORGETFUL = "takes the mail, and the connection dies before the answer"


@dataclass(frozen=True, slots=True)
class Arrival:
    """A mail as it came in, and when (seconds since the epoch)."""

    at: float
    message: EmailMessage

    @property
    def message_id(self) -> str:
        return str(self.message["Message-ID"])


@dataclass
class PostOffice:
    """The server with its mood and all that has arrived; `down` closes its door."""

    mood: Mood = Mood.GOOD
    arrivals: list[Arrival] = field(default_factory=list)
    port: int = 0
    _server: "_Server | None" = None

    def open(self) -> None:
        """Listen, on the same port as before."""
        self._server = _Server(("127.0.0.1", self.port), _Clerk)
        self._server.office = self
        self.port = self._server.server_address[1]
        threading.Thread(target=self._server.serve_forever, args=(0.05,), daemon=True).start()

    def down(self) -> None:
        """Stop listening: connections are refused until `open`."""
        if self._server:
            self._server.shutdown()
            self._server.server_close()
            self._server = None

    def message_ids(self) -> list[str]:
        """The Message-ID of every mail that arrived, as often as it did."""
        return [arrival.message_id for arrival in self.arrivals]

    def __enter__(self) -> "PostOffice":
        self.open()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.down()


class _Server(socketserver.ThreadingTCPServer):
    allow_reuse_address = True
    daemon_threads = True
    block_on_close = False
    request_queue_size = 100
    office: PostOffice


class _Clerk(socketserver.StreamRequestHandler):
    """One conversation; as much of SMTP as smtplib speaks without TLS."""

    server: _Server
    timeout = 60

    def handle(self) -> None:
        office = self.server.office
        if office.mood is Mood.SILENT:
            self.rfile.read(1)  # until the caller gives up
            return
        try:
            self._say("220 post office")
            while line := self.rfile.readline():
                if not self._answer(line[:4].upper().strip(), office):
                    return
        except OSError:
            return

    def _say(self, text: str) -> None:
        self.wfile.write(text.encode() + b"\r\n")

    def _answer(self, word: bytes, office: PostOffice) -> bool:
        """Answer one command; False ends the conversation."""
        if word == b"QUIT":
            self._say("221 bye")
            return False
        if word == b"RCPT" and office.mood in (Mood.BUSY, Mood.STERN):
            self._say("451 try again later" if office.mood is Mood.BUSY else "550 no such person here")
        elif word == b"DATA":
            return self._take(office)
        else:
            self._say("250 post office")
        return True

    def _take(self, office: PostOffice) -> bool:
        self._say("354 go on")
        lines: list[bytes] = []
        while (line := self.rfile.readline()) not in (b".\r\n", b""):
            lines.append(line[1:] if line.startswith(b".") else line)
        if not line:
            return False  # the sender died in the middle: no mail
        if office.mood is Mood.SLOW:
            time.sleep(DRIP)
        message = message_from_bytes(b"".join(lines), policy=policy.default)
        office.arrivals.append(Arrival(time.time(), message))
        if office.mood is Mood.FORGETFUL:
            return False
        self._say("250 taken")
        return True
