"""Describe a scenario in readable form: its indexes as trees, its steps as sentences."""

from pytest_indexcache.cli.scenario_text.sentences import expectation_text, step_sentence
from pytest_indexcache.cli.scenario_text.trees import index_tree

__all__ = ["expectation_text", "index_tree", "step_sentence"]
