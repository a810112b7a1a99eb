import { existsSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import type { Isolation } from '@lockgate/runtime';
import { hammerTable, judgeHammer, kindsTable } from './hammer/judge-hammer.ts';
import { type HammerRun, runHammer } from './hammer/run-hammer.ts';
import type { ServerKind } from './hammer/servers.ts';
import { describeMachine } from './machine.ts';

const HELP = `Hammers on guests of every kind at once: good ones, and such that trap, run out of memory, compute for ever, wait on
the host, log, answer a lot, leak or change their version. 64 callers; every tenth call is aborted at some moment of it;
every end is compared with what that call must give. Its processes have MALLOC_ARENA_MAX=2, as where Lockgate is deployed.

Usage: npm run hammer -- [options]

  --calls <n>        calls of each run (default: 40000)
  --node <22,24,26>  major versions of Node, each in a process of its own (default: all three)
  --isolation <name> only "inline", only "worker", or only whole servers behind a gateway, built anew meanwhile: "server" (WASI preview 1),
                     "server-run" (wasi:cli/run) or "server-http" (wasi:http); calls of one that has gone wrong are told so, and
                     count as aborted (default: "inline", "worker" and "server")
  --kind <start>     only kinds of calls whose names begin so, such as "extism" or "component" (default: all)
  --seed <n>         draws the same calls and aborts again (default: drawn)
  --help             this text

Exit code: 0 where every call gave what it must, handles, threads, files and memory came back, and the event loop turned; 1
where something of that is not so; 2 where the command line cannot be used. A Node that is not here is left out.
`;

const BY_DEFAULT: readonly (Isolation | ServerKind)[] = ['inline', 'worker', 'server'];
const ISOLATIONS: typeof BY_DEFAULT = [...BY_DEFAULT, 'server-run', 'server-http'];

const { values } = parseArgs({
  options: {
    calls: { type: 'string', default: '40000' },
    node: { type: 'string', default: '22,24,26' },
    isolation: { type: 'string' },
    kind: { type: 'string', default: '' },
    seed: { type: 'string', default: `${Math.floor(Math.random() * 2 ** 31)}` },
    help: { type: 'boolean', default: false },
  },
});

if (values.help) console.log(HELP);
else await hammer();

async function hammer(): Promise<void> {
  const [calls, seed] = [whole('calls', values.calls), whole('seed', values.seed)];
  const isolations =
    values.isolation === undefined
      ? BY_DEFAULT.filter((name) => name !== 'server' || values.kind === '')
      : ISOLATIONS.filter((name) => name === values.isolation);
  if (isolations.length === 0) refuse(`--isolation takes ${ISOLATIONS.join(', ')}, got "${values.isolation}"`);
  const runs: HammerRun[] = [];
  const findings: string[] = [];
  for (const major of values.node.split(',')) {
    const node = nodeOf(major.trim());
    if (node === undefined) {
      console.log(`Node ${major} is left out: it is not installed here (no package of it for this machine)`);
      continue;
    }
    for (const isolation of isolations) {
      process.stderr.write(`hammering under Node ${major}, ${isolation}\n`);
      const run = await runHammer(node, { calls, seed, isolation, kind: values.kind });
      runs.push(run);
      findings.push(...judgeHammer(run).map((finding) => `Node ${major}, ${isolation}: ${finding}`));
    }
  }
  const facts = Object.entries(describeMachine()).map(([name, value]) => `${name}: ${value}`);
  console.log(`${facts.join('\n')}\nseed: ${seed}\n\n${hammerTable(runs)}`);
  for (const run of runs)
    console.log(`\nNode ${run.node}, ${run.isolation} (made again after a rest: ${run.rests})\n${kindsTable(run)}`);
  for (const finding of findings) console.log(`\nFAILED ${finding}`);
  process.exitCode = findings.length > 0 || runs.length === 0 ? 1 : 0;
}

/** The Node that runs this, or one that the lockfile brought. */
function nodeOf(major: string): string | undefined {
  if (process.versions.node.startsWith(`${major}.`)) return process.execPath;
  const path = fileURLToPath(new URL(`../node_modules/node-${major}/bin/node`, import.meta.url));
  return existsSync(path) ? path : undefined;
}

function whole(name: string, text: string): number {
  const number = Number(text);
  if (!Number.isSafeInteger(number) || number < 1) refuse(`--${name} takes a whole number from 1 on, got "${text}"`);
  return number;
}

function refuse(message: string): never {
  process.stderr.write(`error: ${message}\n`);
  process.exit(2);
}
