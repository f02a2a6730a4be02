"""Run a step of a play, alone or with concurrent ones, and observe and judge it."""
