"""How the shipped encoder is made, tuned and measured. Nothing here is needed to run the desk."""
