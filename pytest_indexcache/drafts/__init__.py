"""Write first drafts of scenarios from logs that users paste into reports."""
