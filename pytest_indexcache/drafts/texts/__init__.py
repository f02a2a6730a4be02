"""Write the parts of a draft as lines of TOML."""
