"""Deploying: what is to be sent, a journal of what was sent, and the state it left."""
