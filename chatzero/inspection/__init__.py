"""A model and a text -> what happens inside: shapes, numbers, attention. Listens at the taps; changes nothing."""
