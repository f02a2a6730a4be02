"""The program of an exported script, as modules that are joined into one text.

It imports nothing from this package, needs only the standard library, and runs on Python 3.8.
"""
