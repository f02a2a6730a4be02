"""The pages and files of an index, their URLs, and changes to them."""
