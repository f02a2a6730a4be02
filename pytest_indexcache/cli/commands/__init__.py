"""The commands of ``indexcache``, a module each."""
