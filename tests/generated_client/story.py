"""What a program does with the client that a stock generator made out of the description, and with nothing else.

`python story.py` on a path with the client; PORTAL_URL, ADMIN_TOKEN and ENGINEER_TOKEN in its surroundings. It prints
the number of a request that it has closed, waits for a line on its standard input (fourteen days, to the portal), and
goes on. Whoever runs it also checks its types against those of the client.
"""

from __future__ import annotations

import base64
import io
import os
import sys
from http import HTTPStatus
from typing import Any, TypeVar
from urllib.parse import parse_qs, urlsplit

from support_portal_api_client import AuthenticatedClient, models
from support_portal_api_client.api.catalogue import catalogue_retrieve
from support_portal_api_client.api.me import me_retrieve
from support_portal_api_client.api.queue import queue_list, queue_next_retrieve
from support_portal_api_client.api.service_requests import (
    service_requests_assign_create,
    service_requests_attachments_create,
    service_requests_attachments_list,
    service_requests_attachments_preview_retrieve,
    service_requests_attachments_retrieve,
    service_requests_close_create,
    service_requests_commitments_list,
    service_requests_create,
    service_requests_events_list,
    service_requests_follow_up_create,
    service_requests_list,
    service_requests_messages_create,
    service_requests_messages_list,
    service_requests_partial_update,
    service_requests_preview_create,
    service_requests_reopen_create,
    service_requests_retrieve,
)
from support_portal_api_client.models import Problem
from support_portal_api_client.types import UNSET, File, Response, Unset

T = TypeVar("T")
PICTURE = base64.b64decode(
    "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR4nGNgYGD4DwABBAEAX+XDSwAAAABJRU5ErkJggg=="
)


def client_of(name: str) -> AuthenticatedClient:
    """A client with somebody's token; what the description does not name is an error."""
    return AuthenticatedClient(os.environ["PORTAL_URL"], os.environ[name], raise_on_unexpected_status=True)


def got(kind: type[T], answer: object) -> T:
    """The answer, which has to be of this model."""
    assert isinstance(answer, kind), answer
    return answer


def told(value: T | Unset) -> T:
    """What has to be there."""
    assert not isinstance(value, Unset)
    return value


def refused(answer: Response[Any], status: HTTPStatus, code: str) -> Problem:
    """The problem document of a refusal."""
    problem = got(Problem, answer.parsed)
    assert (answer.status_code, problem.status, problem.code) == (status, status.value, code)
    assert answer.headers["X-Request-ID"] == problem.request_id
    return problem


def form(subject: str) -> models.RequestRequest:
    """A request about mail that nobody can send."""
    return models.RequestRequest(
        subject=subject,
        description="Since this morning no user can send or receive mail.",
        category=models.CategoryEnum.TECHNICAL_CONFIGURATION,
        service="exchange_online",
        subscription="contoso-e3",
        impact=models.ImpactRequest(
            service_state=models.ServiceStateAnswerEnum.DOWN,
            users_affected=models.ImpactUsersAffectedEnum.ALL_USERS,
        ),
        contact=models.FilingContactRequest(phone="+886 2 5550 0100"),
    )


def get_to_know(admin: AuthenticatedClient) -> None:
    """Who one is, and what can be chosen."""
    me = got(models.Caller, me_retrieve.sync(client=admin))
    assert got(models.OrganisationSummary, me.organisation).slug == "contoso"
    assert "file_request" in me.may
    catalogue = got(models.Catalogue, catalogue_retrieve.sync(client=admin))
    assert "exchange_online" in {service.code for service in catalogue.services}


def preview(admin: AuthenticatedClient) -> None:
    """Severity and promise beforehand."""
    seen = got(models.Preview, service_requests_preview_create.sync(client=admin, body=form("Nobody can send mail")))
    assert (seen.severity, seen.commitment.target) == (models.SeverityEnum.A, "PT1H")
    assert seen.assessment.evidence


def file(admin: AuthenticatedClient) -> str:
    """File one under a key, twice; a blank subject is refused where it stands."""
    answer = service_requests_create.sync_detailed(client=admin, body=form(" "))
    fault = told(refused(answer, HTTPStatus.BAD_REQUEST, "invalid-input").errors)[0]
    assert (fault.pointer, fault.code) == ("#/subject", "blank")
    answers = [
        service_requests_create.sync_detailed(client=admin, body=form("Nobody can send mail"), idempotency_key="one")
        for _ in range(2)
    ]
    first, again = (got(models.Request, answer.parsed) for answer in answers)
    assert (first.number, answers[1].headers["Idempotency-Replayed"]) == (again.number, "true")
    assert first.state is models.RequestStateEnum.AWAITING_RESPONSE
    other = service_requests_create.sync_detailed(client=admin, body=form("Something else"), idempotency_key="one")
    refused(other, HTTPStatus.UNPROCESSABLE_ENTITY, "idempotency-key-reused")
    return first.number


def work(engineer: AuthenticatedClient, number: str) -> None:
    """Find it in the queue, take it, answer."""
    page = got(models.PageOfQueueEntry, queue_list.sync(client=engineer))
    assert [entry.number for entry in page.results] == [number]
    entry = got(models.Next, queue_next_retrieve.sync(client=engineer))
    assert entry.request.number == number
    body = models.AssignRequest(assignee=models.AssignRequestAssigneeType1.ME)
    taken = got(models.Request, service_requests_assign_create.sync(number, client=engineer, body=body))
    assert taken.assignee is not None
    reply = models.MessageRequest(body="We found the cause.", kind=models.NewMessageKindEnum.REPLY)
    message = got(models.Message, service_requests_messages_create.sync(number, client=engineer, body=reply))
    assert message.kind is models.MessageKindEnum.REPLY


def converse(admin: AuthenticatedClient, number: str) -> None:
    """Read, answer and attach; the file comes back as it went up, and its picture as one."""
    answer = models.MessageRequest(body="Thank you.")
    mine = got(models.Message, service_requests_messages_create.sync(number, client=admin, body=answer))
    upload = models.AttachmentRequest(file=File(io.BytesIO(PICTURE), "screen.png", "image/png"), message=mine.id)
    attached = got(models.Attachment, service_requests_attachments_create.sync(number, client=admin, body=upload))
    files = got(models.PageOfAttachment, service_requests_attachments_list.sync(number, client=admin))
    assert [each.id for each in files.results] == [attached.id]
    back = got(File, service_requests_attachments_retrieve.sync(number, attached.id, client=admin))
    assert back.payload.read() == PICTURE
    look = service_requests_attachments_preview_retrieve.sync_detailed(number, attached.id, client=admin)
    refused(look, HTTPStatus.NOT_FOUND, "attachment-not-found")  # no worker runs, so that it is not drawn yet
    messages = got(models.PageOfMessage, service_requests_messages_list.sync(number, client=admin))
    kinds = [message.kind.value for message in messages.results]
    assert kinds == ["customer", "reply", "customer"]


def read(admin: AuthenticatedClient, number: str) -> None:
    """What was promised and how it went, with what hangs on it; unchanged, and not there."""
    promises = got(models.PageOfPastCommitment, service_requests_commitments_list.sync(number, client=admin))
    (promise,) = promises.results
    assert (promise.state, promise.breached_at) == (models.CommitmentStateEnum.KEPT, None)
    assert promise.responded_at is not None
    assert promise.due_at is not None
    assert promise.responded_at < promise.due_at
    events = got(models.PageOfEvent, service_requests_events_list.sync(number, client=admin))
    assert events.results[0].kind == "request_filed"
    include = [models.ServiceRequestsRetrieveIncludeItem.MESSAGES]
    whole = service_requests_retrieve.sync_detailed(number, client=admin, include=include)
    assert told(got(models.Request, whole.parsed).messages).results
    same = service_requests_retrieve.sync_detailed(
        number, client=admin, include=include, if_none_match=whole.headers["ETag"]
    )
    assert same.status_code == HTTPStatus.NOT_MODIFIED
    refused(
        service_requests_retrieve.sync_detailed("SR-000000000", client=admin), HTTPStatus.NOT_FOUND, "request-not-found"
    )


def change(admin: AuthenticatedClient, number: str) -> None:
    """Change the contact for the version that was read, and for no other."""
    body = models.PatchedContactPatchRequest(contact=models.ContactRequest(phone="+886 2 5550 0199"))
    stale = service_requests_partial_update.sync_detailed(number, client=admin, body=body, if_match='"1"')
    current = told(refused(stale, HTTPStatus.PRECONDITION_FAILED, "version-mismatch").current_version)
    changed = service_requests_partial_update.sync_detailed(number, client=admin, body=body, if_match=f'"{current}"')
    assert got(models.Request, changed.parsed).contact.phone == "+886 2 5550 0199"


def close_and_reopen(admin: AuthenticatedClient, number: str) -> None:
    """Close, reopen, and close again; what is closed takes no second closing."""
    done = models.CloseRequest(resolution=models.ResolutionEnum.SOLVED, message="It works again.")
    closed = got(models.Request, service_requests_close_create.sync(number, client=admin, body=done))
    assert (closed.state, closed.resolution) == (models.RequestStateEnum.CLOSED, models.ResolutionEnum.SOLVED)
    again = service_requests_close_create.sync_detailed(number, client=admin, body=done)
    assert refused(again, HTTPStatus.CONFLICT, "illegal-transition").state == "closed"
    reason = models.ReopenRequest(reason="It happens again.")
    reopened = got(models.Request, service_requests_reopen_create.sync(number, client=admin, body=reason))
    assert reopened.state is models.RequestStateEnum.AWAITING_RESPONSE
    service_requests_close_create.sync(number, client=admin, body=done)


def follow_up(admin: AuthenticatedClient, number: str) -> None:
    """Too late to reopen: followed up."""
    late = service_requests_reopen_create.sync_detailed(number, client=admin, body=models.ReopenRequest())
    assert not isinstance(refused(late, HTTPStatus.CONFLICT, "reopen-window-closed").reopen_until, Unset)
    body = models.FollowUpRequest(subject="Mail is slow again", description="An hour since noon.")
    next_one = got(models.Request, service_requests_follow_up_create.sync(number, client=admin, body=body))
    assert (next_one.follow_up_of, next_one.service) == (number, "exchange_online")


def page_through(admin: AuthenticatedClient) -> None:
    """Read the list one by one."""
    seen: list[str] = []
    cursor: str | Unset = UNSET
    while cursor is not None:
        page = got(
            models.PageOfRequestSummary,
            service_requests_list.sync(client=admin, page_size=1, cursor=cursor, severity=list(models.SeverityEnum)),
        )
        seen += [request.number for request in page.results]
        if page.next_ is None:
            break
        (cursor,) = parse_qs(urlsplit(page.next_).query)["cursor"]
    assert len(seen) == len(set(seen)) == 2, seen


def main() -> None:
    """The whole way."""
    admin, engineer = client_of("ADMIN_TOKEN"), client_of("ENGINEER_TOKEN")
    stranger = AuthenticatedClient(os.environ["PORTAL_URL"], "sp_nobody's", raise_on_unexpected_status=True)
    refused(me_retrieve.sync_detailed(client=stranger), HTTPStatus.UNAUTHORIZED, "invalid-token")
    get_to_know(admin)
    preview(admin)
    number = file(admin)
    work(engineer, number)
    converse(admin, number)
    read(admin, number)
    change(admin, number)
    close_and_reopen(admin, number)
    print(number, flush=True)
    sys.stdin.readline()
    follow_up(admin, number)
    page_through(admin)


if __name__ == "__main__":
    main()
