"""Read installers' lockfiles, and find the steps that need universal lockfiles."""
