"""The commands of ``indexcache``, one module per command."""
