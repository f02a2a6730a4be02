"""Run a step of a play, or several simultaneous steps; observe and judge the result."""
