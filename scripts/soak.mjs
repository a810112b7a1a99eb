// Serves clients and servers that behave and others that do not, all at the same time, for half an hour or `--minutes N`,
// and fails unless the gateway stays as it is: flat in memory, quick to turn, with nothing left behind, and with the right
// answer to every call of those that behave. Wants the packages built; `npm run soak` sees to it.
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { readArguments } from './soak/arguments.mjs';
import { Configuration } from './soak/configuration.mjs';
import { GatewayProcess } from './soak/gateway-process.mjs';
import { judge, quantile, table } from './soak/judge.mjs';
import { misbehaving } from './soak/misbehaving.mjs';
import { Tally } from './soak/tally.mjs';
import { openWebServer } from './soak/web-server.mjs';
import { wellBehaved } from './soak/well-behaved.mjs';

/** How long the gateway may take to let go of what clients and servers have left behind: idle sessions and connections. */
const SETTLE_MS = 240_000;
const SETTLE_LOOK_MS = 2_000;

const { minutes, keep } = readArguments();

if (process.platform !== 'linux') {
  console.log('soak: skipped, since it looks at the gateway through /proc, which only Linux has');
  process.exit(0);
}

const lengthMs = minutes * 60_000;
/** One line each; at least twelve of them, so that each third has some. */
const intervalMs = Math.min(30_000, lengthMs / 24);

const folder = mkdtempSync(join(tmpdir(), 'lockgate-soak-'));
const web = await openWebServer();
const configuration = new Configuration(folder, web.url);
const gateway = new GatewayProcess(folder);
let isOver = false;
const ended = gateway.exited.then(({ code, signal }) => {
  if (!isOver) throw new Error(`the gateway ended by itself: ${signal ?? `exit code ${code}`}; see ${folder}`);
});
ended.catch(() => {});

for (const signal of ['SIGINT', 'SIGTERM']) process.on(signal, () => process.exit(1));
process.on('exit', () => gateway.signal('SIGKILL'));

const soaked = soak();
try {
  await Promise.race([ended.then(() => soaked), soaked]);
} finally {
  web.close();
}

async function soak() {
  await gateway.listening();
  await steady();
  const before = await left();
  console.log(`start: ${describe(before)}; ${minutes} minutes, a line each ${(intervalMs / 1_000).toFixed(0)} s`);

  const stopping = new AbortController();
  const tally = new Tally();
  const load = startLoad(tally, stopping.signal);
  const changes = change(stopping.signal);
  await gateway.eventLoop();
  const intervals = [];
  const started = performance.now();
  while (performance.now() - started < lengthMs) {
    await pause(intervalMs);
    intervals.push(await interval(tally, performance.now() - started));
  }
  stopping.abort();
  await Promise.all([...load, changes]);
  console.log('the load is over; what clients and servers left behind has time to go'); // the gate waits for this line

  const after = await settled(before);
  const findings = judge({ minutes, intervals, tally, before, after });
  console.log(`\n${table(findings)}`);
  console.log('(strange: answers to calls of those that do not behave, whatever they say; no fault)');
  for (const complaint of tally.complaints) console.log(`  ${complaint}`);
  isOver = true;
  gateway.signal('SIGTERM');
  const { code } = await gateway.exited;
  const failed = findings.some(({ isMet }) => !isMet) || code !== 0;
  if (failed || keep) console.log(`\nlogs and configuration: ${folder}; the gateway's exit code: ${code}`);
  else rmSync(folder, { recursive: true });
  process.exitCode = failed ? 1 : 0;
}

/** Resolves when all that can come up has come up. */
async function steady() {
  const isUp = ({ name, state }) => name === 'absent' || state === 'up';
  while (!(await gateway.health()).every(isUp)) await pause(200);
}

function startLoad(tally, stopped) {
  return Object.entries({ ...wellBehaved, ...misbehaving }).flatMap(([kind, [count, work]]) =>
    Array.from({ length: count }, async (_, index) => {
      const name = `${kind} ${index}`;
      while (!stopped.aborted) {
        try {
          await work({ url: gateway.url, tally, stopped, name });
        } catch (error) {
          // A client that could not even begin or end its session is as lost as a call.
          await tally.call(() => Promise.reject(error), name, Object.hasOwn(wellBehaved, kind) ? 'right' : 'strange');
          await pause(500);
        }
      }
    }),
  );
}

/** Changes the configuration and the plugin as people do, and puts everything back at the end. */
async function change(stopped) {
  const steps = [
    () => configuration.write({ guest: true }),
    () => configuration.rebuildPlugin(performance.now()),
    () => configuration.writeBroken(),
    () => configuration.write(),
    () => gateway.signal('SIGHUP'),
  ];
  for (let n = 0; !stopped.aborted; n++) {
    await pause(intervalMs / 2, undefined, { signal: stopped }).catch(() => {});
    if (!stopped.aborted) steps[n % steps.length]();
  }
  configuration.write();
}

async function interval(tally, atMs) {
  const [{ own, late }, now] = [await gateway.eventLoop(), await left()];
  const { right, wrong, lost, strange, unanswered } = tally;
  const measured = { own, late, rss: now.rss };
  const seconds = (atMs / 1_000).toFixed(0).padStart(5);
  const loop = `loop p99 ${quantile(own, 0.99).toFixed(1)} ms (with waits ${quantile(late, 0.99).toFixed(1)})`;
  console.log(
    `${seconds} s  ${describe(now)}, ${loop}, right ${right}, wrong ${wrong}, lost ${lost}, strange ${strange}, unanswered ${unanswered}`,
  );
  return measured;
}

/** What the gateway holds now. */
async function left() {
  const metrics = await gateway.metrics();
  return {
    rss: Number(metrics.process_resident_memory_bytes),
    handles: Number(metrics.nodejs_active_handles_total),
    files: Number(metrics.process_open_fds),
    sessions: Number(metrics.lockgate_sessions),
    children: gateway.children(),
  };
}

function describe({ rss, handles, files, sessions, children }) {
  const megabytes = (rss / 1_048_576).toFixed(0);
  return `rss ${megabytes} MB, handles ${handles}, files ${files}, sessions ${sessions}, children ${children}`;
}

/** What is left once it is no more than before, or the time for that is over. */
async function settled(before) {
  const end = performance.now() + SETTLE_MS;
  for (;;) {
    const now = await left();
    const isBack = ['handles', 'files', 'sessions', 'children'].every((name) => now[name] <= before[name]);
    if (isBack || performance.now() > end) return now;
    await pause(SETTLE_LOOK_MS);
  }
}
