// Preloaded into a Node program (node --require): ends it when its parent closes its stdin or dies.
"use strict";

const GRACE_MS = 3000;

process.stdin.on("error", () => {});
process.stdin.on("close", () => {
  // First let the program stop by itself.
  process.kill(process.pid, "SIGTERM");
  setTimeout(() => process.exit(1), GRACE_MS).unref();
});
process.stdin.resume();
// Watching stdin must not keep the program alive.
process.stdin.unref();
