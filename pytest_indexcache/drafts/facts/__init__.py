"""Find out which commands were run, and which releases they involved."""
