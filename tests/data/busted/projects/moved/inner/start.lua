_G.started = true
