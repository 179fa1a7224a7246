"""The targets, one module each: how to write a notice, send it, and, in a ticket, find it again."""
