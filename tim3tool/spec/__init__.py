"""`describe`/`it`/`assert` for Lua suites, and the pytest plugin that runs them."""
