"""The parts that are processes: storage, the simulated cloud, the Functions hosts, and the system that they make up."""
