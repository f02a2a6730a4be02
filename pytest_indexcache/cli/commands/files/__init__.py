"""Commands that read and write scenario files, or list the names that such files can use."""
