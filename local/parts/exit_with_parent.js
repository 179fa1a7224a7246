// Preloaded into a Node program (node --require): ends it when its parent closes the program's stdin, or dies.
"use strict";

const GRACE_MS = 3000;

process.stdin.on("error", () => {});
process.stdin.on("close", () => {
  // The program's own way of stopping first.
  process.kill(process.pid, "SIGTERM");
  setTimeout(() => process.exit(1), GRACE_MS).unref();
});
process.stdin.resume();
// Watching is no reason to go on once the program has ended.
process.stdin.unref();
