"""Coverage of Lua: which lines, branches, functions and handlers the suites of a run have reached."""
