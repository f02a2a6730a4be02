"""Phrases that several reports share: verdicts, ranges of releases, and reasons for skips."""
