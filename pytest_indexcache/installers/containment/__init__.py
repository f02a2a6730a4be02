"""Use the kernel to restrict a process's access to files, programs, network and processes."""
