"""Write the parts of a draft as TOML."""
