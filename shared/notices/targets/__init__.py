"""The targets, one module each: how a notice is written for it, sent, and, in a ticket, found again."""
