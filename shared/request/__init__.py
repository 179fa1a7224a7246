"""What is asked for: a start request, the queue message that it travels in, the reference to a job.

Uses only the loose modules of `shared`, but neither settings nor any other room.
"""
