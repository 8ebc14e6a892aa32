"""Credit repair: which record it is, who decides, and the earliest day, with the arithmetic shown. Pure."""
