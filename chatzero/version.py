"""The one home of the version number (read by the package metadata too, so it imports nothing)."""

__version__ = "0.1.0"
