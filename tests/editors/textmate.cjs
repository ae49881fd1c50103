// Reads {modules, grammars, injections, scope, texts} and writes, for each text, its pieces as
// [start, end, scopes], by the TextMate engine of VS Code.
const fs = require("fs");
const path = require("path");

const asked = JSON.parse(fs.readFileSync(0, "utf8"));
const textmate = require(path.join(asked.modules, "vscode-textmate"));
const oniguruma = require(path.join(asked.modules, "vscode-oniguruma"));

const wasm = path.join(asked.modules, "vscode-oniguruma", "release", "onig.wasm");
const engine = oniguruma.loadWASM(fs.readFileSync(wasm)).then(() => ({
  createOnigScanner: (patterns) => new oniguruma.OnigScanner(patterns),
  createOnigString: (text) => new oniguruma.OnigString(text),
}));
const grammars = new Map();
for (const file of asked.grammars) {
  const grammar = textmate.parseRawGrammar(fs.readFileSync(file, "utf8"), file);
  grammars.set(grammar.scopeName, grammar);
}
const registry = new textmate.Registry({
  onigLib: engine,
  loadGrammar: async (scope) => grammars.get(scope) ?? null,
  getInjections: (scope) => (scope === asked.scope ? asked.injections : []),
});

function pieces(grammar, text) {
  const found = [];
  let state = textmate.INITIAL;
  let start = 0;
  for (const line of text.split("\n")) {
    const { tokens, ruleStack } = grammar.tokenizeLine(line, state);
    for (const one of tokens) {
      found.push([start + one.startIndex, start + Math.min(one.endIndex, line.length), one.scopes]);
    }
    state = ruleStack;
    start += line.length + 1;
  }
  return found;
}

registry.loadGrammar(asked.scope).then((grammar) => {
  process.stdout.write(JSON.stringify(asked.texts.map((text) => pieces(grammar, text))));
});
