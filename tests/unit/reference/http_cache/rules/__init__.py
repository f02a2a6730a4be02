"""Tables for the clauses of RFC 9111, for a private cache."""
