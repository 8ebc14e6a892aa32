"""How the fraud model is made and how it is measured (needs training/requirements.txt)."""
