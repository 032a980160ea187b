#!/usr/bin/env python
"""Run one of the portal's commands."""

import os
import sys

from support_portal.commands import run_command

if __name__ == "__main__":
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "support_portal.settings")
    run_command(sys.argv)
