"""What a refusal becomes on the wire and on the screen: RFC 9457 documents and pages, from one table."""

from support_portal.problems.document import Document, problem_for
from support_portal.problems.middleware import ProblemMiddleware
from support_portal.problems.responses import ProblemResponse, is_api
from support_portal.problems.row import FieldFault, Problem
from support_portal.problems.table import PROBLEMS

__all__ = [
    "PROBLEMS",
    "Document",
    "FieldFault",
    "Problem",
    "ProblemMiddleware",
    "ProblemResponse",
    "is_api",
    "problem_for",
]
