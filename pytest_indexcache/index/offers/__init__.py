"""The pages and files that an index offers, their URLs, and changes to them."""
