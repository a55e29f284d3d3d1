error("not to be loaded")
