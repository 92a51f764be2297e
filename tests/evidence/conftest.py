"""One explained case for the tests of its record and file."""

import pytest

from mm_core.evidence import ExplanationSession
from mm_core.steps import finish
from tests.toys import toy_model, toy_sample


@pytest.fixture(scope="session")
def case():
    return ExplanationSession(toy_model(), toy_sample())


@pytest.fixture(scope="session")
def evidence(case):
    """A record with two methods, one test, and its inputs."""
    made = case.evidence(methods=("gradient_x_input", "chefer"))
    return made.with_faithfulness(*finish(case.evaluate_faithfulness(made.relevance_of("audio", "gradient_x_input"))))
