"""Many prompts at once, coming and going -> their answers, token by token."""
