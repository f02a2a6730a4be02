"""The contents of an index, their URLs, and changes to them."""
