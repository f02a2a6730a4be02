"""Restrict a process's access to files, programs, the network and other processes."""
