"""Plays, held against what is known of them."""
