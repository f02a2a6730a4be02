"""The wording of all reports: verdicts, ranges of releases, and reasons for skipped plays."""
