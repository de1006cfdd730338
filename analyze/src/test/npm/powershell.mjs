// Reads a PowerShell script with tree-sitter's grammar of that language:
//   node powershell.mjs NODE_MODULES SCRIPT
// prints as JSON what it does not understand, and the strings of every table in it: an array for each hash
// literal with its keys and the text of string values, in order.
import {readFileSync} from 'node:fs';
import {createRequire} from 'node:module';
import path from 'node:path';

const [modules, file] = process.argv.slice(2);
const require = createRequire(path.join(path.resolve(modules), 'x.js'));
const {Parser, Language} = require('web-tree-sitter');

await Parser.init();
const grammar = path.resolve(modules, 'tree-sitter-powershell/tree-sitter-powershell.wasm');
const parser = new Parser();
parser.setLanguage(await Language.load(grammar));
const tree = parser.parse(readFileSync(file, 'utf8'));

const faults = [];
const tables = [];
const literal = (text) => text.slice(1, -1).replaceAll("''", "'");
function walk(node) {
  if (node.isError || node.isMissing) {
    faults.push(`line ${node.startPosition.row + 1}: ${node.text.slice(0, 80)}`);
  }
  if (node.type === 'hash_entry') {
    const key = node.namedChild(0).text;
    const value = node.namedChild(node.namedChildCount - 1).text;
    tables.push([key.startsWith("'") ? literal(key) : key, /^'(?:[^']|'')*'$/.test(value) ? literal(value) : null]);
  }
  for (const child of node.children) walk(child);
}
walk(tree.rootNode);
console.log(JSON.stringify({faults, tables}));
