"""One skill, one file: its words, its held-out rule, `draw`, its checker; `registry` lists them."""
