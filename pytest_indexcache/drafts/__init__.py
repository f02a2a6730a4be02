"""Write first drafts of scenarios from the logs that users paste into reports."""
