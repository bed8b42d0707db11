"""Is this machine ready, and what can it train?"""
