"""An error keeps its words, also on the way from another process."""

import pickle

from chatzero.errors import ConfigError


def test_an_error_crosses_to_another_process_whole() -> None:
    error = ConfigError(what="no", why="never", do="yes")
    arrived = pickle.loads(pickle.dumps(error))
    assert type(arrived) is ConfigError
    assert str(arrived) == str(error) == "no\n  why: never\n  do:  yes"
