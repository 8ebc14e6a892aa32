"""What a message is about and how urgent it is: pure rules, no IO."""
