"""What a scenario may lead an installer to: indexes, files and programs of its own alone."""
