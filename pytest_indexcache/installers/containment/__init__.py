"""Walls of the kernel around a process: files, programs, network and other processes."""
