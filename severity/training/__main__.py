"""Train `severity/model.json` on the labelled cases beside this file: `make severity-model`.

Needs scikit-learn (requirements/train.txt), which the portal itself does not. The same cases give the same model.
"""

import json
from collections.abc import Callable, Iterable, Sequence
from pathlib import Path
from typing import Any

import numpy as np
from scipy.optimize import minimize, minimize_scalar
from scipy.sparse import csr_matrix, hstack
from scipy.special import expit
from sklearn.feature_extraction.text import TfidfVectorizer
from sklearn.linear_model import LogisticRegression
from sklearn.model_selection import GroupKFold

from severity import lexicon
from severity.decision import BusinessImpact, Facts, State, decide
from severity.linear import FEW_WORDS, runs_of, strengths
from severity.questions import CATEGORIES, MATTERS, SCOPES, Matter, breadth_of
from severity.reading import Reading
from severity.training import CASES, digest
from severity.weighing import STATES

RUNS_WEIGH = 4.0  # how far the regressions may lean on runs of words,
FEATURES_WEIGH = 0.4  # on the word lists,
FEATURES_WEIGH_IN_SCOPE = 1.0  # and on the names of products, which the word lists know best
REGULARISATION = 2.0
RAREST = 3  # a run of words in fewer cases than this teaches nothing
MOST_RUNS = 12_000
WRITTEN_WITH = "own"  # the word lists were written with these cases and know them too well
FACTS = {"impaired": True, "down": True, "several": True, "severe": True, "workaround": False}  # higher when yes
Numbers = np.ndarray[Any, Any]
MODEL = Path(__file__).parents[1] / "model.json"


def _cases() -> list[dict[str, Any]]:
    lines = ((path.stem, line) for path in CASES for line in path.read_text(encoding="utf-8").splitlines())
    return [json.loads(line) | {"author": author} for author, line in lines]


def _feature_codes() -> list[str]:
    """The features that are evidence of something: not of a context, a claim, a service or a topic."""
    aside = ("context.", "urgency.", "service.", "topic.")
    return [code for code, feature in lexicon.features().items() if feature.weight and not code.startswith(aside)]


def _runs(reading: Reading) -> list[str]:
    return [run.words for run in runs_of(reading)]


def _facts_of(row: dict[str, Any]) -> dict[str, Any] | None:
    """What the answers of a labelled case say of each question; None for cases without answers."""
    if "service_state" not in row:
        return None
    state = STATES.get(row["service_state"] or "", State.AVAILABLE if row["severity"] == "C" else State.DEGRADED)
    if state is State.AVAILABLE and row["severity"] != "C":
        state = State.DEGRADED
    several = row["users_affected"] in ("multiple_users", "all_users")
    severe = row["business_impact"] == "severe" or row["deadline_at_risk"] == "yes"
    workaround = row["workaround"] == "yes"
    facts = Facts(
        state=state,
        breadth=breadth_of(several=several),
        impact=BusinessImpact.SEVERE if severe else BusinessImpact.UNSTATED,
        has_workaround=workaround,
    )
    return {
        "impaired": state > State.AVAILABLE,
        "down": state is State.DOWN,
        "several": several,
        "severe": severe,
        "workaround": workaround,
        "matter": _matter_of(row, facts),
    }


def _matter_of(row: dict[str, Any], facts: Facts) -> str:
    if row["category"] in ("presales", "billing"):
        return Matter.PURCHASE
    if row["business_impact"] == "minimal":
        return Matter.TRIVIAL
    lower = facts.state and row["severity"] == "C" and decide(facts).severity != "C"
    return Matter.MINOR if lower else Matter.PLAIN


class Trainer:
    """The cases as numbers, and a regression for each question."""

    def __init__(self, rows: Sequence[dict[str, Any]]) -> None:
        self.rows = rows
        self.codes = _feature_codes()
        readings = [Reading(subject=r["subject"], description=r["body"], language=r["lang"]) for r in rows]
        documents = [_runs(reading) for reading in readings]
        self.vectorizer = TfidfVectorizer(analyzer=_identity, min_df=RAREST, binary=True, norm=None)
        self.runs = _shortened(self.vectorizer.fit_transform(documents))
        told = np.array([strengths(reading, self.codes) for reading in readings])
        knows_too_well = np.array([row["author"] == WRITTEN_WITH for row in rows])
        told[knows_too_well] = told[~knows_too_well].mean(axis=0)
        self.told = told
        self._restrict(documents)

    def _restrict(self, documents: list[list[str]]) -> None:
        """Keep the runs that say most about the severity and the scope, then count anew."""
        weights = np.zeros(self.runs.shape[1])
        for name in ("severity", "scope"):
            fitted = LogisticRegression(C=REGULARISATION, max_iter=5_000).fit(self.matrix(), self.labels(name))
            weights = np.maximum(weights, np.abs(fitted.coef_[:, : self.runs.shape[1]]).max(axis=0))
        names = self.vectorizer.get_feature_names_out()
        kept = sorted(names[np.argsort(-weights)[:MOST_RUNS]])
        self.vectorizer = TfidfVectorizer(analyzer=_identity, vocabulary=kept, binary=True, norm=None)
        self.runs = _shortened(self.vectorizer.fit_transform(documents))

    def labels(self, name: str) -> Numbers:
        """The labels of one name, over all cases."""
        return np.array([row[name] for row in self.rows])

    def matrix(self, features_weigh: float = FEATURES_WEIGH) -> csr_matrix:
        """Runs of words, then features."""
        return hstack([self.runs * RUNS_WEIGH, csr_matrix(self.told) * features_weigh]).tocsr()

    def yes_or_no(
        self, labels: Iterable[bool], where: Sequence[int], *, higher: bool | None = None
    ) -> tuple[list[float], Numbers]:
        """Return calibrated bias and weights of one question; yes speaks for a `higher` or a lower severity.

        A feature that raises the severity never speaks for the lower one, so that a phrase added to its list does what
        its author means.
        """
        signs = np.where(list(labels), 1.0, -1.0)
        matrix = self.matrix()[where]
        bounds = [(None, None)] * (1 + self.runs.shape[1]) + [_bounds(code, higher) for code in self.codes]
        authors = [self.rows[at]["author"] for at in where]
        unread = np.zeros(len(signs))
        for known, unknown in GroupKFold(5).split(matrix, signs, authors):
            bias, weights = _fitted(matrix[known], signs[known], bounds)
            unread[unknown] = matrix[unknown] @ weights + bias
        warmth = _temperature(signs * unread)
        bias, weights = _fitted(matrix, signs, bounds)
        return [bias / warmth], self._unscaled(weights[np.newaxis] / warmth, FEATURES_WEIGH)

    def one_of(
        self,
        labels: Sequence[str],
        options: Sequence[str],
        where: Sequence[int],
        *,
        features_weigh: float = FEATURES_WEIGH,
    ) -> tuple[list[float], Numbers]:
        """Return biases and weights of the options of which one holds, in their order."""
        matrix = self.matrix(features_weigh)[where]
        fitted = LogisticRegression(C=REGULARISATION, max_iter=5_000).fit(matrix, np.array(labels))
        order = [list(fitted.classes_).index(option) for option in options]
        return list(fitted.intercept_[order]), self._unscaled(fitted.coef_[order], features_weigh)

    def _unscaled(self, weights: Numbers, features_weigh: float) -> Numbers:
        runs = self.runs.shape[1]
        return np.hstack([weights[:, :runs] * RUNS_WEIGH, weights[:, runs:] * features_weigh])

    def model(self) -> dict[str, Any]:
        """Train everything and return the document of the model."""
        everything = range(len(self.rows))
        severities = self.labels("severity")
        facts = [_facts_of(row) for row in self.rows]
        told = [at for at in everything if facts[at]]
        answered = [facts[at] or {} for at in told]
        questions: list[str] = []
        bias: list[float] = []
        weights: list[Numbers] = []

        def learn(names: Sequence[str], found: tuple[list[float], Numbers]) -> None:
            questions.extend(names)
            bias.extend(found[0])
            weights.append(found[1])

        learn(["at_least_a"], self.yes_or_no(severities == "A", everything, higher=True))
        learn(["at_least_b"], self.yes_or_no(severities != "C", everything, higher=True))
        for name, higher in FACTS.items():
            learn([name], self.yes_or_no((row[name] for row in answered), told, higher=higher))
        learn([f"matter.{m}" for m in MATTERS], self.one_of([row["matter"] for row in answered], MATTERS, told))
        learn([f"scope.{scope}" for scope in SCOPES], self._scopes(everything))
        filed = [self.rows[at]["category"] for at in told]
        learn([f"category.{category}" for category in CATEGORIES], self.one_of(filed, CATEGORIES, told))
        return self._document(questions, bias, np.vstack(weights))

    def _scopes(self, where: Sequence[int]) -> tuple[list[float], Numbers]:
        return self.one_of(list(self.labels("scope")), SCOPES, where, features_weigh=FEATURES_WEIGH_IN_SCOPE)

    def _document(self, questions: list[str], bias: list[float], weights: Numbers) -> dict[str, Any]:
        known = self.vectorizer.get_feature_names_out()
        of_runs, of_features = weights[:, : len(known)], weights[:, len(known) :]
        return {
            "trained_on": digest(),
            "questions": questions,
            "bias": [round(value, 4) for value in bias],
            "features": {code: _rounded(of_features[:, at], 4) for at, code in enumerate(self.codes)},
            "runs": {
                run: [round(float(self.vectorizer.idf_[at]), 2), *_rounded(of_runs[:, at], 2)]
                for at, run in enumerate(known)
            },
        }


def _bounds(code: str, higher: bool | None) -> tuple[float | None, float | None]:
    """Return what the weight of a feature may be for a question whose yes speaks for a higher severity, or a lower."""
    direction = lexicon.features()[code].direction
    if higher is None or direction == "neutral":
        return (None, None)
    return (0.0, None) if (direction == "raises") == higher else (None, 0.0)


def _fitted(matrix: csr_matrix, signs: Numbers, bounds: Sequence[Any]) -> tuple[float, Numbers]:
    """Return bias and weights of a logistic regression within bounds; `signs` are 1 for yes and -1 for no."""
    transposed = matrix.T.tocsr()

    def loss(values: Numbers) -> tuple[float, Numbers]:
        margins = signs * (matrix @ values[1:] + values[0])
        pull = -signs * expit(-margins)
        gradient = np.concatenate([[pull.sum()], transposed @ pull + values[1:] / REGULARISATION])
        return float(np.logaddexp(0, -margins).sum() + values[1:] @ values[1:] / (2 * REGULARISATION)), gradient

    found = minimize(loss, np.zeros(1 + matrix.shape[1]), jac=True, method="L-BFGS-B", bounds=bounds)
    return float(found.x[0]), found.x[1:]


def _temperature(margins: Numbers) -> float:
    """Return how much surer a regression is than it should be of authors that it has not read."""

    def loss(temperature: float) -> float:
        return float(np.logaddexp(0, -margins / temperature).mean())

    return float(minimize_scalar(loss, bounds=(0.5, 5.0), method="bounded").x)


def _shortened(rarities: csr_matrix) -> csr_matrix:
    """Return the rows at the length that `severity.linear` gives them."""
    lengths = np.sqrt(FEW_WORDS + rarities.multiply(rarities).sum(axis=1))
    return csr_matrix(rarities.multiply(1.0 / lengths))


def _identity(runs: list[str]) -> list[str]:
    return runs


def _rounded(values: Numbers, places: int) -> list[float]:
    return [round(float(value), places) + 0.0 for value in values]


def write(document: dict[str, Any]) -> None:
    """Write the model, a line for each feature and each run, so that a change can be read."""

    def lines(rows: dict[str, list[float]]) -> str:
        dump: Callable[[Any], str] = lambda value: json.dumps(value, ensure_ascii=False, separators=(",", ":"))  # noqa: E731
        return ",\n".join(f"{dump(name)}:{dump(row)}" for name, row in rows.items())

    head = {name: value for name, value in document.items() if name not in ("features", "runs")}
    text = json.dumps(head, ensure_ascii=False)[:-1]
    text += f',\n"features":{{\n{lines(document["features"])}\n}},\n"runs":{{\n{lines(document["runs"])}\n}}}}\n'
    MODEL.write_text(text, encoding="utf-8")


if __name__ == "__main__":
    cases = _cases()
    document = Trainer(cases).model()
    write(document)
    print(f"{len(cases)} cases, {len(document['runs'])} runs of words")
