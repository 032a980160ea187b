"""What every test process would begin with, made once: the database that migrations make, and the compiled tests.

python -m tests.beginning
"""

from __future__ import annotations

import sys
from pathlib import Path

import django
import pytest

TESTS = Path(__file__).parent


def main() -> int:
    """Leave a dump of the template and compiled files behind; the exit code."""
    django.setup()
    from tests import databases

    databases.make_template()
    return pytest.main(["--collect-only", "-qq", "--no-header", "--no-summary", str(TESTS)])


if __name__ == "__main__":
    sys.exit(main())
