"""What the help desk knows: reviewed entries, and the way from a question to the right one."""
