"""The bare script: three calls to Graph on one session with a cached token, and a check of the answers.

It is the function in apps/bare, called without the Functions worker.
"""

from trials.bench.apps.bare.function_app import start
from trials.bench.contestants.loop import ids, serve

if __name__ == "__main__":
    serve(ids, lambda job: start(*job))
