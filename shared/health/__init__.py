"""Whether all that the app needs is there: each link is tried, and told of in a sentence.

Nothing is taken from what the process knows already: a token, a connection or a service that was seen away would hide
what is wrong now, or what is mended.
"""
