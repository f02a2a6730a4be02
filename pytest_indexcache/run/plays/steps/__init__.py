"""Run one step or several simultaneous steps of a play, and observe and judge the result."""
