"""Lockfiles of installers: their packages, and the steps that need universal lockfiles."""
