"""A small process that counts, for tests of networks."""

from __future__ import annotations

COUNTER = b"""
Count = Count or 0
Handlers.add("Add", "Add", function(msg)
  Count = Count + 1
  msg.reply({ Action = "Added", Data = tostring(Count) })
end)
Handlers.add("Break", "Break", function(msg)
  Count = Count + 100
  error("broken on purpose")
end)
"""
