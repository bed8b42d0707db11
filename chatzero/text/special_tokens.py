"""The control tokens: what each one is, where it stands in the vocabulary, and why.

Five stand first, so that their ids never depend on the training data; then comes the byte-pair vocabulary; `<pad>`
stands last. Last, because there a zero embedding row that is never generated costs nothing and lets the exported
encoder-decoder drop it (CTranslate2's Marian converter cuts off the last row). Text that merely spells one of these
names is never turned into the token: see `tokenizer`. How they make up a conversation is `chat_template`.
"""

DOCUMENT = "<|endoftext|>"  # ends a document when plain texts are packed one after another
SYSTEM = "<|system|>"  # opens the words that set the scene
USER = "<|user|>"  # opens what the person says
ASSISTANT = "<|assistant|>"  # opens the answer
END = "<|end|>"  # closes a turn; the model says it to stop
PAD = "<pad>"  # fills rows to equal length; also the token an encoder-decoder's answer starts from

LEADING: tuple[str, ...] = (DOCUMENT, SYSTEM, USER, ASSISTANT, END)
"""The control tokens that open the vocabulary; the index is the id."""

NUM_CONTROL_TOKENS = len(LEADING) + 1  # and PAD
