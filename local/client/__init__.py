"""What speaks to a running system: as its senders do, as readers of its events do, and to the simulated cloud."""
