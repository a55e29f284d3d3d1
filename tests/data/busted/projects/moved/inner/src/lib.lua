return "the inner one"
