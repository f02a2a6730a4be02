"""Commands for matrices: play, merge, record and publish them."""
