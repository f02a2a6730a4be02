"""Replace private words in captures by a rule for each kind of value; find remaining words."""
