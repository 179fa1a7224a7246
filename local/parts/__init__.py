"""The processes of the local system (storage, simulated cloud, Functions hosts), and the system as a whole."""
