"""First drafts of scenarios, made of logs that somebody else wrote."""
