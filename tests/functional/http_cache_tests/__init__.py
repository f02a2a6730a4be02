"""The suite http-tests/cache-tests, played against the HTTP cache of the reference installer.

Nothing of the suite is kept here: it is the npm package ``http-cache-tests``, or a checkout of it,
whose server and descriptions of tests are used as they are.
"""
