"""A request's whole way, told with the command-line client alone."""

from tests import factories
from tests.tickets.api.calling import close_at
from tickets.lifecycle import REOPEN_WINDOW
from tickets.models import ServiceRequest


def test_a_request_goes_the_whole_way_in_a_pipe(program, portal, token_of, form, tmp_path):
    """CH-4, SE-1, SLA-1"""
    engineer = token_of(factories.make_staff("engineer", name="Ravi Iyer"))

    # Previewed, and nothing stored; then filed with a file, the text from the pipe.
    seen = portal("preview", *form).json
    assert (seen["severity"], seen["commitment"]["target"]) == ("A", "PT1H")
    assert not ServiceRequest.objects.exists()
    trace = tmp_path / "mail trace.csv"
    trace.write_text("at,to\n09:00,nobody\n")
    named = [option for option in form if option not in ("-m", form[3])]
    filed = program("file", *named, "-a", trace, "--json", piped="No user can send mail.\n").json
    number = filed["number"]
    assert filed["description"] == "No user can send mail."

    # Seen by both sides; taken and answered, which keeps the promise.
    assert [row["number"] for row in portal("list").lines] == [number]
    assert portal("next", "--take", token=engineer).json["number"] == number
    assert portal("reply", number, "-m", "We found the cause.", token=engineer).json["kind"] == "reply"
    answered = portal("show", number).json
    assert (answered["state"], answered["commitment"]["state"]) == ("in_progress", "kept")
    assert [message["kind"] for message in answered["messages"]] == ["customer", "reply"]

    # The file comes back as it went up.
    saved = program("download", number, "-o", tmp_path, "--force", "--json").json
    assert [file["name"] for file in saved] == ["mail trace.csv"]
    assert trace.read_text() == "at,to\n09:00,nobody\n"

    # Replied from the pipe, closed, watched to its end, reopened, closed again.
    assert program("reply", number, "--json", piped="Thank you.").json["body"] == "Thank you."
    assert portal("close", number, "--resolution", "solved").json["state"] == "closed"
    (last,) = program("watch", number, "--json").lines
    assert (last["state"], last["events"][0]["kind"]) == ("closed", "request_filed")
    assert portal("reopen", number, "-m", "It happens again.").json["state"] == "awaiting_response"
    assert portal("close", number, "-r", "withdrawn").json["resolution"] == "withdrawn"

    # Fourteen days later it is archived: refused, with a reason for programs, and followed up.
    stored = ServiceRequest.objects.get()
    close_at(stored, stored.closed_at - REOPEN_WINDOW)
    late = portal("reopen", number)
    assert (late.status, late.problem["code"]) == (1, "reopen-window-closed")
    followed = portal("follow-up", number, "-s", "Mail is slow again", "-m", "An hour since noon.").json
    assert (followed["follow_up_of"], followed["service"]) == (number, "exchange_online")
