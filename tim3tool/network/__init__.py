"""AO networks behind one Protocol, and the data items and wallets that writing to them takes."""
