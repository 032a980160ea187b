"""The door through which a web server reaches the portal."""

import os

from django.core.wsgi import get_wsgi_application

from support_portal.roominess import with_room

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "support_portal.settings")

application = with_room(get_wsgi_application())
