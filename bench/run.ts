import { existsSync, readdirSync } from 'node:fs';
import { resolve } from 'node:path';
import { parseArgs } from 'node:util';
import { compare } from './compare.ts';
import { type Comparison, type Context, type Figure, FigureSkipped } from './figure.ts';
import { describeMachine } from './machine.ts';
import { type Measurement, measure } from './measure.ts';
import { formatTable } from './report.ts';
import { mainOf } from './subjects/lockgate.ts';

const HELP = `Measures Lockgate against its alternatives, in pairs that alternate within one run.

Usage: npm run bench -- [options]

  --filter <text>  only figures whose name contains the text (may be given several times)
  --against <dir>  figures that start the program "lockgate" start that of another built checkout as well
  --quick          few pairs and small loads: a smoke test, not a measurement
  --json           machine-readable results on stdout instead of the table
  --list           names of the figures, then stop
  --help           this text

Examples:
  npm run bench -- --filter locked-call
  npm run bench -- --filter gateway-proxy --against ../lockgate-before
  npm run bench -- --quick --json > figures.json

Exit code: 0 when everything was measured, 1 when a figure failed to run, 130 when it was broken off; what was measured
until then is printed. A missed aim is a result, not a failure; nor is a figure that cannot be measured on this machine.
`;

/** A figure that gave no numbers, and why. */
interface Unmeasured {
  readonly name: string;
  readonly reason: string;
}

const { values } = parseArgs({
  options: {
    filter: { type: 'string', multiple: true, default: [] },
    against: { type: 'string' },
    quick: { type: 'boolean', default: false },
    json: { type: 'boolean', default: false },
    list: { type: 'boolean', default: false },
    help: { type: 'boolean', default: false },
  },
});

if (values.help) {
  console.log(HELP);
} else {
  const figures = await loadFigures(values.filter);
  if (values.list) for (const figure of figures) console.log(figure.name);
  else await runAll(figures);
}

async function loadFigures(filters: readonly string[]): Promise<(Figure | Comparison)[]> {
  const folder = new URL('figures/', import.meta.url);
  const files = readdirSync(folder).filter((file) => file.endsWith('.ts'));
  const groups = await Promise.all(files.sort().map((file) => import(new URL(file, folder).href)));
  const figures: (Figure | Comparison)[] = groups.flatMap((group) => group.default ?? []);
  const chosen = figures.filter(({ name }) => filters.length === 0 || filters.some((text) => name.includes(text)));
  if (chosen.length === 0) throw new Error(`No figure matches ${filters.join(', ')}. --list shows their names.`);
  return chosen;
}

async function runAll(figures: readonly (Figure | Comparison)[]): Promise<void> {
  const context: Context = { quick: values.quick, against: readAgainst() };
  const done: Measurement[] = [];
  const failed: Unmeasured[] = [];
  const skipped: Unmeasured[] = [];
  // A long run that is broken off still tells what it has measured.
  for (const signal of ['SIGINT', 'SIGTERM'] as const) {
    process.once(signal, () => end(done, failed, skipped, 130));
  }
  for (const figure of figures) {
    const step = (text: string): void => progress(`${figure.name} ${text}`);
    try {
      if ('measures' in figure) done.push(...(await compare(figure, context, step)));
      else done.push(await measure(figure, context, step));
    } catch (error) {
      if (error instanceof FigureSkipped) skipped.push({ name: figure.name, reason: error.message });
      else failed.push({ name: figure.name, reason: reasonOf(error) });
    }
  }
  end(done, failed, skipped, failed.length > 0 ? 1 : 0);
}

/** @throws Error when there is no built checkout in the folder. */
function readAgainst(): string | undefined {
  if (values.against === undefined) return undefined;
  // npm changes into the root before it runs a script; INIT_CWD is where the command was typed.
  const folder = resolve(process.env.INIT_CWD ?? '.', values.against);
  if (existsSync(mainOf(folder))) return folder;
  throw new Error(`--against: there is no ${mainOf(folder)}. Build that checkout first: npm run build`);
}

function reasonOf(error: unknown): string {
  return error instanceof Error ? (error.stack ?? error.message) : String(error);
}

function end(
  done: readonly Measurement[],
  failed: readonly Unmeasured[],
  skipped: readonly Unmeasured[],
  exitCode: number,
): never {
  progress('');
  const machine = describeMachine();
  if (values.json)
    console.log(JSON.stringify({ machine, quick: values.quick, measurements: done, failed, skipped }, null, 2));
  else {
    const facts = Object.entries(machine).map(([name, value]) => `${name}: ${value}`);
    console.log(`${facts.join('\n')}\n\n${formatTable(done)}`);
  }
  for (const { name, reason } of skipped) console.error(`\n${name} was left out: ${reason}`);
  for (const { name, reason } of failed) console.error(`\n${name} could not be measured: ${reason}`);
  process.exit(exitCode);
}

function progress(text: string): void {
  if (process.stderr.isTTY) process.stderr.write(`\r\x1b[K${text}`);
  else if (text.includes(' 1/')) process.stderr.write(`measuring ${text.replace(/ 1\/.*/, '')}\n`);
}
