// Asks DuckDB's client for Node.js, of another version than ours, about a database file:
//   node duckdb.mjs NODE_MODULES FILE SQL
// prints its rows as a JSON array of arrays of texts.
import {createRequire} from 'node:module';
import path from 'node:path';

const [modules, file, sql] = process.argv.slice(2);
const require = createRequire(path.join(path.resolve(modules), 'x.js'));
const {DuckDBInstance} = require('@duckdb/node-api');

const instance = await DuckDBInstance.create(file, {access_mode: 'READ_ONLY'});
const connection = await instance.connect();
const rows = (await connection.runAndReadAll(sql)).getRows();
console.log(JSON.stringify(rows.map((row) => row.map(String))));
