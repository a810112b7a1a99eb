import { readdirSync } from 'node:fs';
import { parseArgs } from 'node:util';
import type { Figure } from './figure.ts';
import { describeMachine } from './machine.ts';
import { type Measurement, measure } from './measure.ts';
import { formatTable } from './report.ts';

const HELP = `Measures Lockgate against its alternatives, in pairs that alternate within one run.

Usage: npm run bench -- [options]

  --filter <text>  only figures whose name contains the text (may be given several times)
  --quick          few pairs and small loads: a smoke test, not a measurement
  --json           machine-readable results on stdout instead of the table
  --list           names of the figures, then stop
  --help           this text

Examples:
  npm run bench -- --filter locked-call
  npm run bench -- --quick --json > figures.json

Exit code: 0 when everything was measured, 1 when a figure failed to run, 130 when it was broken off; what was measured
until then is printed. A missed aim is a result, not a failure.
`;

const { values } = parseArgs({
  options: {
    filter: { type: 'string', multiple: true, default: [] },
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

async function loadFigures(filters: readonly string[]): Promise<Figure[]> {
  const folder = new URL('figures/', import.meta.url);
  const files = readdirSync(folder).filter((file) => file.endsWith('.ts'));
  const groups = await Promise.all(files.sort().map((file) => import(new URL(file, folder).href)));
  const figures: Figure[] = groups.flatMap((group) => group.default ?? []);
  const chosen = figures.filter(({ name }) => filters.length === 0 || filters.some((text) => name.includes(text)));
  if (chosen.length === 0) throw new Error(`No figure matches ${filters.join(', ')}. --list shows their names.`);
  return chosen;
}

async function runAll(figures: readonly Figure[]): Promise<void> {
  const done: Measurement[] = [];
  const failed: { name: string; reason: string }[] = [];
  // A long run that is broken off still tells what it has measured.
  for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => end(done, failed, 130));
  for (const figure of figures) {
    try {
      done.push(await measure(figure, values.quick, (step) => progress(`${figure.name} ${step}`)));
    } catch (error) {
      const reason = error instanceof Error ? (error.stack ?? error.message) : String(error);
      failed.push({ name: figure.name, reason });
    }
  }
  end(done, failed, failed.length > 0 ? 1 : 0);
}

function end(
  done: readonly Measurement[],
  failed: readonly { readonly name: string; readonly reason: string }[],
  exitCode: number,
): never {
  progress('');
  const machine = describeMachine();
  if (values.json) console.log(JSON.stringify({ machine, quick: values.quick, measurements: done, failed }, null, 2));
  else {
    const facts = Object.entries(machine).map(([name, value]) => `${name}: ${value}`);
    console.log(`${facts.join('\n')}\n\n${formatTable(done)}`);
  }
  for (const { name, reason } of failed) console.error(`\n${name} could not be measured: ${reason}`);
  process.exit(exitCode);
}

function progress(text: string): void {
  if (process.stderr.isTTY) process.stderr.write(`\r\x1b[K${text}`);
  else if (text.includes(' 1/')) process.stderr.write(`measuring ${text.replace(/ 1\/.*/, '')}\n`);
}
