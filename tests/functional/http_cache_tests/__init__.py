"""The suite http-tests/cache-tests, run against the HTTP cache of the reference installer.

The suite is not copied here: its server and tests are used unchanged, from the npm package
``http-cache-tests`` or from a checkout.
"""
