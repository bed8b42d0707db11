"""A model on the network: the OpenAI API over HTTP, in front of the engine."""
