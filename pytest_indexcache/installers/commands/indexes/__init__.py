"""How project files and command lines name indexes."""
