"""Build, test and deploy AO processes written in Lua."""

__version__ = "0.1.0"
