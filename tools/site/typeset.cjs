// Reads a list of {tex, display} and writes one of {html} or {error}. The argument is the folder
// that KaTeX is installed in.
const path = require("path");
const katex = require(path.join(process.argv[2], "katex"));

function answer({ tex, display }) {
  try {
    return { html: katex.renderToString(tex, { displayMode: display, strict: "error" }) };
  } catch (error) {
    return { error: error.message };
  }
}

const asked = JSON.parse(require("fs").readFileSync(0, "utf8"));
process.stdout.write(JSON.stringify(asked.map(answer)));
