"""Who is compared, one a file. A contender trains for some seconds when told to, and says how many tokens it learnt from."""
