"""Tests of installers that come from an index, from PATH, or from a local build."""
