"""Cross-checks: every name used in a scenario must exist, and every step must be possible."""

from __future__ import annotations

from collections.abc import Iterator

from pytest_indexcache.scenario.checks.expectation_checks import check_expectations
from pytest_indexcache.scenario.checks.index_checks import check_indexes
from pytest_indexcache.scenario.checks.order.order_checks import check_order
from pytest_indexcache.scenario.checks.order.together_checks import check_together
from pytest_indexcache.scenario.checks.project_checks import check_project
from pytest_indexcache.scenario.checks.safety.command_checks import check_commands
from pytest_indexcache.scenario.checks.safety.file_checks import check_files, check_folders
from pytest_indexcache.scenario.checks.safety.given_files import names_in_files
from pytest_indexcache.scenario.checks.safety.joint_checks import check_joint_words
from pytest_indexcache.scenario.checks.safety.url_checks import check_urls
from pytest_indexcache.scenario.checks.step_checks import check_steps
from pytest_indexcache.scenario.checks.values.weight_checks import check_weight
from pytest_indexcache.scenario.checks.vocabulary import Vocabulary
from pytest_indexcache.scenario.checks.workspace_checks import check_workspace
from pytest_indexcache.scenario.findings.finding import Finding
from pytest_indexcache.scenario.model import Scenario
from pytest_indexcache.scenario.values.reach import Reach


def find_wrong_references(scenario: Scenario) -> Iterator[Finding]:
    """Yield a finding for each value that is well formed but wrong where it is used."""
    vocabulary = Vocabulary.of(scenario, names_in_files(scenario))
    yield from check_indexes(scenario)
    yield from check_weight(scenario)
    yield from check_project(scenario, vocabulary)
    yield from check_steps(scenario, vocabulary)
    yield from check_workspace(scenario)
    yield from check_order(scenario)
    yield from check_together(scenario)
    reach = Reach.of(scenario.served_urls, scenario.project_names, scenario.file_paths)
    yield from check_urls(scenario, reach)
    yield from check_folders(scenario)
    yield from check_files(scenario, reach)
    yield from check_commands(scenario, reach)
    yield from check_joint_words(scenario)
    yield from check_expectations(scenario, vocabulary)
