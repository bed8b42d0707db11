"""ChatZero: from an empty machine to a small ChatGPT that you trained yourself. 从 0 到 1。"""
