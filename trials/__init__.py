"""What tries the whole system: `chaos` lets everything fail, `load` sends a lot, `bench` measures."""
