"""Lua 5.3: syntax (tree-sitter) and virtual machines (lupa)."""
