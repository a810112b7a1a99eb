import { request } from 'node:http';
import type { Comparison, Run } from '../figure.ts';
import { initialize } from '../load/messages.ts';
import { checkouts, startLockgate } from '../subjects/lockgate.ts';
import { residentMB } from '../subjects/processor-time.ts';
import {
  freePort,
  programArgs,
  type ServerProcess,
  startNode,
  startProgram,
  temporaryFolder,
} from '../subjects/server-process.ts';

const ANSWERS_WITHIN_MS = 20_000;
const RETRY_MS = 3;
const SETTLES_MS = 700;

const HELLO = `
import { createServer } from 'node:http';
createServer((request, response) => request.resume().on('end', () => response.end('hello'))).listen(PORT, '127.0.0.1');
`;

const MEASURES = [
  { key: 'startMs', title: 'from its spawn to the first answer', unit: 'ms' },
  { key: 'residentMB', title: 'memory 0.7 s later', unit: 'MB' },
] as const;

async function startHello(): Promise<ServerProcess> {
  const port = await freePort();
  const program = HELLO.replace('PORT', String(port));
  return startNode(['--input-type=module', '--eval', program], `http://127.0.0.1:${port}/`);
}

/** Asks once for an introduction; false where nobody listens yet. */
async function answers(url: string): Promise<boolean> {
  const { promise, resolve } = Promise.withResolvers<boolean>();
  const headers = { 'content-type': 'application/json', accept: 'application/json, text/event-stream' };
  const asked = request(url, { method: 'POST', agent: false, headers }, (response) => {
    response.resume().on('end', () => resolve(response.statusCode === 200));
  });
  asked.on('error', () => resolve(false));
  asked.end(initialize(1));
  return await promise;
}

function timed(start: () => Promise<ServerProcess>): Run {
  return async () => {
    const asked = performance.now();
    await using program = await start();
    while (!(await answers(program.url))) {
      if (performance.now() - asked > ANSWERS_WITHIN_MS) throw new Error(`no answer: ${program.lastWords()}`);
      await new Promise((resolve) => setTimeout(resolve, RETRY_MS));
    }
    const startMs = performance.now() - asked;
    await new Promise((resolve) => setTimeout(resolve, SETTLES_MS));
    return { startMs, residentMB: residentMB(program.pid) };
  };
}

function figureFor(kind: 'stdio' | 'HTTP'): Comparison {
  return {
    name: `gateway-start with one ${kind} server`,
    measures: MEASURES,
    async setup(context) {
      await using opening = new AsyncDisposableStack();
      const folder = opening.use(await temporaryFolder());
      const server = kind === 'HTTP' ? opening.use(await startProgram('echo-server', '2025')) : undefined;
      const args = programArgs('echo-server', 'stdio', '2025');
      const echo = server ? { url: server.url } : { command: process.execPath, args };
      const gateway = (main: string): Run => timed(() => startLockgate(main, folder.path, { mcpServers: { echo } }));
      const [here, ...others] = checkouts(context.against);
      const owned = opening.move();
      return {
        subject: gateway(here.main),
        references: {
          'a node:http hello': timed(startHello),
          ...Object.fromEntries(others.map(({ name, main }) => [name, gateway(main)])),
        },
        note: 'a port is asked every 3 ms for an initialize until it answers; memory is that of the one process',
        [Symbol.asyncDispose]: () => owned.disposeAsync(),
      };
    },
  };
}

const figures: readonly Comparison[] = [figureFor('stdio'), figureFor('HTTP')];

export default figures;
