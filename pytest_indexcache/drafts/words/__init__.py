"""Parsing of names, versions, URLs and requirements as users and logs write them."""
