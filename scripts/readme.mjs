// Runs every command of the README and compares what it prints with what the README shows. In a ```console block, a
// line that starts with `$ ` is a command and the lines below it are its output; `…` stands for anything, within a line
// or as a line of its own. Commands of ```sh blocks are run for their exit code. `npm start` serves until the end.
import assert from 'node:assert/strict';
import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { servedUrl } from './dev/served-url.mjs';

const BLOCK = /^```(console|sh)\n([\s\S]*?)^```$/gm;
/** The address in the README; where the port is taken, the commands are run against the one that was taken instead. */
const SHOWN = 'http://127.0.0.1:3000/mcp';

const readme = readFileSync('README.md', 'utf8');
const steps = [...readme.matchAll(BLOCK)].flatMap(([, kind, text]) =>
  kind === 'console' ? sessions(text) : commands(text),
);
assert.ok(steps.length >= 4, 'the README shows commands');

let server;
try {
  for (const { command, output } of steps) {
    if (command === 'npm test' || command.startsWith('git clone')) continue; // the gate ran those itself
    console.log(`$ ${command}`);
    if (command === 'npm start') server ??= await serve();
    else check(command.replaceAll(SHOWN, server?.url ?? SHOWN), output);
  }
} finally {
  if (server) {
    const ended = once(server.child, 'exit');
    server.child.kill('SIGTERM');
    await ended;
  }
}

function sessions(text) {
  return text
    .split(/^\$ /m)
    .slice(1)
    .map((part) => {
      const [command, ...output] = part.trimEnd().split('\n');
      return { command, output: output.join('\n') };
    });
}

function commands(text) {
  const lines = text.split('\n').map((line) => line.replace(/\s+#.*$/, '').trim());
  return lines.filter(Boolean).map((command) => ({ command }));
}

function check(command, output) {
  const done = spawnSync('bash', ['--norc', '-c', command], {
    encoding: 'utf8',
    timeout: 120_000,
    env: { ...process.env, NO_COLOR: '1' },
  });
  assert.equal(done.status, 0, `${command} ended with ${done.status}:\n${done.stdout}${done.stderr}`);
  if (output === undefined) return;
  const pattern = output
    .split('\n')
    .map((line) => line.trimEnd().split('…').map(RegExp.escape).join('.*'))
    .join('\n');
  const expected = new RegExp(`^${pattern.replaceAll(/^\.\*$/gm, '[\\s\\S]*?')}$`);
  const printed = done.stdout.trim().replaceAll(/[ \t]+$/gm, '');
  assert.match(printed, expected, `${command} printed:\n${printed}\n\nThe README shows:\n${output}`);
}

async function serve() {
  const child = spawn('npm', ['start'], { stdio: ['ignore', 'ignore', 'pipe'] });
  return { child, url: await servedUrl(child, once(child, 'exit')) };
}
