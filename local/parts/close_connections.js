// Preloaded into a Node program (node --require): an HTTP server that closes cuts its connections off, too. It would
// wait for those in use otherwise, and clients that never pause keep theirs in use.
"use strict";

const { Server } = require("node:http");

const close = Server.prototype.close;

Server.prototype.close = function (...given) {
  const closed = close.apply(this, given);
  this.closeAllConnections();
  return closed;
};
