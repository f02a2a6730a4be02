"""Write first drafts of scenarios from the logs of other people."""
