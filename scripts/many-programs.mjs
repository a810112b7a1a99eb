// Serves many programs that each compute for a while before they are ready, with default settings, and then kills the
// gateway. Fails unless all come up, none was too late and started again, and none is left. Wants the packages built.
//
//   npm run exec -- node scripts/many-programs.mjs --programs 100 --processor-ms 600
import { execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { availableParallelism, tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';

const LOOK_MS = 250;
/** Many times what a machine takes that has nothing else to do. */
const COME_UP_FACTOR = 20;
/** The keeper's SIGKILL comes after two seconds. */
const GONE_WITHIN_MS = 20_000;

const { values } = parseArgs({
  options: { programs: { type: 'string', default: '100' }, 'processor-ms': { type: 'string', default: '600' } },
});
const programs = Number(values.programs);
const processorMs = Number(values['processor-ms']);
if (!(programs > 0 && processorMs >= 0)) throw new TypeError('--programs and --processor-ms want numbers');

const here = (path) => fileURLToPath(new URL(path, import.meta.url));
const folder = mkdtempSync(join(tmpdir(), 'lockgate-many-'));
const entry = {
  command: process.execPath,
  args: [here('many-programs/busy-program.mjs'), String(processorMs), folder],
};
const mcpServers = Object.fromEntries(Array.from({ length: programs }, (_, index) => [`s${index}`, entry]));
const gateway = { listen: '127.0.0.1:0', logDir: folder };
writeFileSync(join(folder, 'lockgate.json'), JSON.stringify({ gateway, mcpServers }));

const started = performance.now();
const lockgate = spawn(process.execPath, [here('../packages/gateway/dist/main.js'), 'serve'], {
  cwd: folder,
  stdio: ['ignore', 'ignore', 'pipe'],
});
let log = '';
lockgate.stderr.setEncoding('utf8').on('data', (text) => {
  log += text;
});
try {
  let url;
  while (url === undefined) {
    await once(lockgate.stderr, 'data');
    url = /"url":"(.*?)\/mcp"/.exec(log)?.[1];
  }
  const listeningMs = performance.now() - started;
  let worstMs = 0;
  let up = 0;
  const atMostMs = 60_000 + (COME_UP_FACTOR * programs * processorMs) / availableParallelism();
  while (up < programs && performance.now() - started < atMostMs) {
    const asked = performance.now();
    ({ up } = await (await fetch(`${url}/health/ready`)).json());
    worstMs = Math.max(worstMs, performance.now() - asked);
    await pause(LOOK_MS);
  }
  const upMs = performance.now() - started;
  const late = log.match(/is started again/g)?.length ?? 0;
  lockgate.kill('SIGKILL');
  const killed = performance.now();
  let left = running();
  while (left > 0 && performance.now() - killed < GONE_WITHIN_MS) {
    await pause(LOOK_MS);
    left = running();
  }
  console.log(`${programs} programs of ${processorMs} ms processor time, ${availableParallelism()} processors`);
  console.log(`listening after ${round(listeningMs)} s; ${up} up after ${round(upMs)} s; ${late} started again`);
  console.log(`slowest answer of health ${Math.round(worstMs)} ms; ${left} left after the gateway was killed`);
  if (up < programs || late > 0 || left > 0) process.exitCode = 1;
} finally {
  lockgate.kill('SIGKILL');
  rmSync(folder, { recursive: true });
}

/** Programs of this run that are there. */
function running() {
  const lines = execFileSync('ps', ['-A', '-o', 'args='], { encoding: 'utf8' }).split('\n');
  return lines.filter((line) => line.includes('busy-program.mjs') && line.includes(folder)).length;
}

function round(ms) {
  return (ms / 1_000).toFixed(1);
}
