"""Run bisects and matrices for commands, with progress lines and result files."""
