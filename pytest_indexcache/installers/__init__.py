"""The installers: an adapter for each, and the code that adapters share."""
