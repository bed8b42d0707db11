"""Who is compared, one a file. A contender trains for some seconds when told to, and says from how many tokens."""
