"""The bare script: three calls of Graph on one session with a cached token, and no more than a look at the answers.

It is the function in apps/bare, called without the Functions worker.
"""

from trials.bench.apps.bare.function_app import start
from trials.bench.contestants.loop import ids, serve

if __name__ == "__main__":
    serve(ids, lambda job: start(*job))
