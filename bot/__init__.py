"""安问 anwen: the help desk of a district, in people's pockets."""
