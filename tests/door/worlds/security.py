"""What keeps a person's account safe: a key and an app, a session elsewhere, and another mail address on its way."""

from __future__ import annotations

import base64
import uuid
from datetime import timedelta

from allauth.mfa.models import Authenticator
from cryptography.hazmat.primitives.asymmetric import ec
from fido2.cose import ES256
from fido2.webauthn import Aaguid, AttestedCredentialData

from accounts import clock
from accounts.models import KnownBrowser, MailChange, MailChangeLink, PersonSession
from accounts.signing_in import ciphers, totp
from tests.door.worlds import DAY, PRIVATE, Tenant, World
from tickets.links import digest_of

ORDER = 16


def furnish(world: World, tenant: Tenant) -> None:
    """The admin's own, and a factor of a reader, which an admin may reset."""
    admin, reader, now = tenant.people["admin"], tenant.people["reader"], clock.now()
    for person in (admin, reader):
        data = {"secret": ciphers.encrypt(totp.new_secret()), "used_period": 0}
        Authenticator.objects.create(user=person, type="totp", data=data)
    key = Authenticator.objects.create(user=admin, type="webauthn", data=_key(tenant.says(PRIVATE, "blue key")))
    tenant.knows("factor", key.pk, PRIVATE)
    elsewhere = PersonSession.objects.create(
        session_key=f"{tenant.mark}elsewhere",
        session_data="",
        expire_date=now + DAY,
        person=admin,
        public_id=uuid.uuid4(),
        began_at=now,
        seen_at=now,
        user_agent="Firefox/130.0",
    )
    KnownBrowser.objects.create(person=admin, digest=digest_of(tenant.mark), user_agent=tenant.says(PRIVATE, "agent"))
    tenant.knows("own_session", str(elsewhere.public_id), PRIVATE)
    new_email = f"{tenant.says(PRIVATE, 'new', joint='.')}@example.com"
    change = MailChange.objects.create(
        person=admin,
        old_email=admin.email,
        new_email=new_email,
        requested_at=now,
        expires_at=now + timedelta(days=3),
    )
    secret = f"{tenant.mark * 42}m"
    MailChangeLink.objects.create(change=change, side="new", digest=digest_of(secret))
    tenant.knows("mail_change_key", secret, PRIVATE)


def _key(name: str) -> dict[str, object]:
    public_key = ES256.from_cryptography_key(ec.generate_private_key(ec.SECP256R1()).public_key())
    credential_id = uuid.uuid4().bytes
    credential = AttestedCredentialData.create(Aaguid.NONE, credential_id, public_key)
    return {
        "name": name,
        "credential": base64.urlsafe_b64encode(bytes(credential)).decode(),
        "credential_id": base64.urlsafe_b64encode(credential_id).decode(),
        "counter": 0,
        "is_passkey": False,
    }
