"""Write first drafts of scenarios from other people's logs."""
