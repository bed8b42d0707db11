"""Bytes in, whole characters out. A token may hold half of 汉; half a character is not text and is held back.

Not here: which bytes a token stands for (`tokenizer`), or when to show them (`chatzero.generation`).
"""

import codecs


class Utf8Stream:
    """Decodes UTF-8 that arrives in pieces. However the bytes are split, the text put together is the same:

        stream = Utf8Stream()
        stream.push(b"\\xe6\\xb1")   # ""    the first two bytes of 汉
        stream.push(b"\\x89!")       # "汉!"

    Bytes that can never become a character turn into U+FFFD, as in `bytes.decode(errors="replace")`.
    """

    def __init__(self) -> None:
        self._decoder = codecs.getincrementaldecoder("utf-8")(errors="replace")

    def push(self, piece: bytes) -> str:
        """The characters that are whole now."""
        return self._decoder.decode(piece)

    def flush(self) -> str:
        """What is left at the end: U+FFFD for a character cut short, else nothing. The stream is as new afterwards."""
        left = self._decoder.decode(b"", final=True)
        self._decoder.reset()
        return left
