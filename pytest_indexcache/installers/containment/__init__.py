"""Containment of a process by the kernel: files, programs, network and other processes."""
