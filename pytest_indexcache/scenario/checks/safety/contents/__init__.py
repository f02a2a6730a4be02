"""Check the contents of verbatim files against tables that list what is allowed in them."""
