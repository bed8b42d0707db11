"""Text -> a conversation."""
