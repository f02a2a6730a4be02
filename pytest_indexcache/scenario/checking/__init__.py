"""What the loader is made of: positions of keys, checks across tables, wording of problems."""
