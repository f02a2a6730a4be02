"""Installing: from pins and wheels to a changed venv."""
