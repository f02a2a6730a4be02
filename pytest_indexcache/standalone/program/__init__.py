"""The program in exported scripts, in modules that a script has one after the other.

It knows nothing of this package, needs only the standard library, and is Python 3.8.
"""
