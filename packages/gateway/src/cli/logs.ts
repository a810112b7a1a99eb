import { type Command, Option } from 'commander';
import { didYouMean } from '../config/nearest.ts';
import type { LogLine, LogPage, Overview } from '../console/api.ts';
import { parseJson } from '../json.ts';
import { terminalLine } from '../observe/terminal-line.ts';
import { EventReader, type StreamEvent } from '../transport/event-reader.ts';
import { AdminClient, addGatewayOptions, NotRunning } from './admin-client.ts';
import { CommandFailure } from './exit-code.ts';
import { type Terminal, wantsColor } from './terminal.ts';

/** How long a gateway that ended may take to come back before it is looked for again, in milliseconds. */
const AGAIN_MS = 500;

const LEVELS: Readonly<Record<LogLine['level'], number>> = { debug: 20, info: 30, warn: 40, error: 50 };

/** `lockgate logs`. */
export function addLogsCommand(program: Command, terminal: Terminal): void {
  addGatewayOptions(program.command('logs'))
    .description('print the last lines that a running gateway logged, at most 1,000')
    .option('-f, --follow', 'go on with what comes next, also after the gateway was started anew')
    .addOption(
      new Option('--level <level>', 'the least severe that is printed').choices(Object.keys(LEVELS)).default('debug'),
    )
    .option('--server <name>', 'only lines that name this server, plugin or guard')
    .option('--json', 'print each line as JSON')
    .addHelpText(
      'after',
      `
There is no more than the gateway logs: "gateway.logLevel" decides. Secrets are masked.

Exit codes: 0 printed, 1 no gateway runs, or it has no such server, 2 wrong command line. With -f it ends when it is interrupted, or nobody reads.

Examples:
  lockgate logs --level warn
  lockgate logs -f --server files --json | jq .message
`,
    )
    .action(async (options: Record<string, unknown>) => {
      const client = await AdminClient.find(options, terminal);
      const query = new URLSearchParams({ level: String(options.level) });
      if (options.server !== undefined) query.set('server', String(options.server));
      const color = wantsColor(terminal, terminal.stdout);
      const print = (line: LogLine): void => {
        terminal.stdout.write(options.json === true ? `${JSON.stringify(line)}\n` : formatLine(line, color));
      };
      const page = await client.ask<LogPage>('GET', `log?${query}`);
      for (const line of page.lines) print(line);
      // One that was taken out of the configuration still has its lines.
      if (options.server !== undefined && page.lines.length === 0) await mustBeThere(String(options.server), client);
      if (options.follow === true) await follow(client, query, page, print, terminal);
    });
}

/** @throws CommandFailure where the gateway has nothing of this name, so that it will log nothing of it. */
async function mustBeThere(name: string, client: AdminClient): Promise<void> {
  const { upstreams, guards } = await client.ask<Overview>('GET', 'overview');
  const known = [...new Set([...upstreams.map((one) => one.name), ...guards.map(({ guard }) => guard)])];
  if (known.includes(name)) return;
  const what = `there is no server, plugin or guard "${name}"${didYouMean(name, known)}`;
  throw new CommandFailure(`${what} (known: ${known.join(', ') || 'none'})`);
}

/** Never ends by itself, but where nobody reads: a gateway that ends may come back. */
async function follow(
  client: AdminClient,
  query: URLSearchParams,
  page: LogPage,
  print: (line: LogLine) => void,
  { stdout, stderr }: Terminal,
): Promise<void> {
  const stopped = new AbortController();
  for (const event of ['close', 'error'] as const) stdout.once(event, () => stopped.abort());
  let { boot, last } = page;
  const catchUp = async (): Promise<void> => {
    const next = await client.ask<LogPage>('GET', `log?${query}`);
    // The ids of one that was started anew begin at 1 again.
    for (const line of next.lines) if (next.boot !== boot || line.id > last) print(line);
    ({ boot, last } = next);
  };
  const take = async ({ type, data }: StreamEvent): Promise<void> => {
    if (type === 'gap') await catchUp();
    if (type !== 'log') return;
    const line = parseJson(data.toString('utf8')) as LogLine;
    if (line.id <= last) return;
    last = line.id;
    print(line);
  };
  while (!stopped.signal.aborted) {
    try {
      const stream = await client.stream(`events?topics=log&${query}`, `${boot}.0.${last}.0`);
      stopped.signal.addEventListener('abort', () => stream.destroy(), { once: true });
      const events: StreamEvent[] = [];
      const reader = new EventReader({ onEvent: (event) => void events.push(event), onTooLong: () => {} });
      for await (const chunk of stream) {
        reader.append(chunk as Buffer);
        for (const event of events.splice(0)) await take(event);
      }
      if (!stopped.signal.aborted) stderr.write('The gateway has ended; waiting for another.\n');
    } catch (error) {
      if (!(error instanceof NotRunning) && !isBroken(error)) throw error;
    }
    await later(AGAIN_MS, stopped.signal);
  }
}

/** Resolves after a while, or at once when nothing is wanted any more. */
function later(delayMs: number, signal: AbortSignal): Promise<void> {
  const { promise, resolve } = Promise.withResolvers<void>();
  const timer = setTimeout(resolve, delayMs);
  signal.addEventListener('abort', () => resolve(), { once: true });
  return promise.finally(() => clearTimeout(timer));
}

/** The stream ended in the middle, as it does with its gateway. */
function isBroken(error: unknown): boolean {
  return ['ECONNRESET', 'EPIPE', 'ERR_STREAM_PREMATURE_CLOSE'].includes((error as NodeJS.ErrnoException).code ?? '');
}

/** As the gateway's own terminal shows it. */
function formatLine({ time, level, message: msg, fields }: LogLine, color: boolean): string {
  return terminalLine(JSON.stringify({ time, level: LEVELS[level], msg, ...fields }), color);
}
