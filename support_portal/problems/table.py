"""Every refusal of ours and of the frameworks, with its form on the wire; a test fails when one has no row."""

from support_portal.problems.accounts import ACCOUNTS
from support_portal.problems.desk import DESK
from support_portal.problems.frameworks import FRAMEWORKS
from support_portal.problems.people import PEOPLE
from support_portal.problems.row import Problem
from support_portal.problems.rules import RULES
from support_portal.problems.tickets import TICKETS

PROBLEMS: dict[type[BaseException], Problem] = {**ACCOUNTS, **DESK, **PEOPLE, **TICKETS, **RULES, **FRAMEWORKS}
