"""Run a step of a play, or several concurrent ones; observe and judge the result."""
