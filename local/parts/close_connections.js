// Preloaded into a Node program (node --require): a closing HTTP server also closes its connections. Otherwise it would
// wait for those in use, and busy clients never release theirs.
"use strict";

const { Server } = require("node:http");

const close = Server.prototype.close;

Server.prototype.close = function (...given) {
  const closed = close.apply(this, given);
  this.closeAllConnections();
  return closed;
};
