"""Reports: what renders results; nothing here knows more than the results say."""
