// Reads {"tables": {name: "(column: type, ...)"}, "queries": {name: text}} from standard input and writes
// {name: ["line 3: what is wrong", ...]} for every query: syntax, unknown tables and columns, wrong types.
"use strict";

require("@kusto/language-service-next/bridge.min.js");
require("@kusto/language-service-next/Kusto.Language.Bridge.min.js");
const { GlobalState, KustoCode, Symbols } = globalThis.Kusto.Language;

function globals(tables) {
  const symbols = Object.entries(tables).map(([name, columns]) => Symbols.TableSymbol.From(columns).WithName(name));
  return GlobalState.Default.WithDatabase(new Symbols.DatabaseSymbol.ctor("logs", symbols));
}

function faults(query, state) {
  const diagnostics = KustoCode.ParseAndAnalyze(query, state).GetDiagnostics();
  return Array.from({ length: diagnostics.Count }, (_, index) => {
    const diagnostic = diagnostics.getItem(index);
    return `line ${query.slice(0, diagnostic.Start).split("\n").length}: ${diagnostic.Message}`;
  });
}

const { tables, queries } = JSON.parse(require("node:fs").readFileSync(0, "utf8"));
const state = globals(tables);
const answer = Object.fromEntries(Object.entries(queries).map(([name, query]) => [name, faults(query, state)]));
process.stdout.write(JSON.stringify(answer));
