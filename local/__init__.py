"""The whole system on one machine: Functions host, simulated Graph, managed identity, Azurite."""
