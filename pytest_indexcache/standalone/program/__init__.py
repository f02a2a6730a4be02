"""The program of an exported script, in modules that are joined into one text.

It imports nothing from this package, needs only the standard library, and runs in Python 3.8.
"""
