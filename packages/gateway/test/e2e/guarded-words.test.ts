import { guardGuest } from '@lockgate/testkit';
import { expect, test } from 'vitest';
import type { Logger } from '../../src/logger.ts';
import { createGateway } from '../fixtures/patient-gateway.ts';
import { rawSession } from '../fixtures/raw-request.ts';
import { connect, textOf } from './clients.ts';
import { moduleFiles } from './guarded-files.ts';

const program = new URL('../fixtures/family-program.ts', import.meta.url).pathname;
const MARK = 'MARKED';

/** Arguments of Node for a server that answers this method with an error which has the mark. */
function failing(method: string): string[] {
  const serverInfo = { name: 'a', version: '1' };
  const capabilities = { tools: {}, resources: {} };
  const results = {
    initialize: { protocolVersion: '2025-11-25', capabilities, serverInfo },
    'tools/list': { tools: [] },
  };
  const script = `
    const results = ${JSON.stringify({ ...results, [method]: undefined })};
    require('node:readline').createInterface({ input: process.stdin }).on('line', (line) => {
      const { id, method } = JSON.parse(line);
      if (id === undefined) return;
      const error = method === '${method}' ? { code: -32603, message: 'no ${MARK}' } : { code: -32601, message: 'Method not found' };
      const answer = results[method] ? { result: results[method] } : { error };
      console.log(JSON.stringify({ jsonrpc: '2.0', id, ...answer }));
    });`;
  return ['-e', script];
}

/** What was logged, each line as one text, by level. */
function keptLog() {
  const lines: Record<'debug' | 'info' | 'warn' | 'error', string[]> = { debug: [], info: [], warn: [], error: [] };
  const to = (level: keyof typeof lines) => (fields: object, text: string) =>
    void lines[level].push(`${text} ${JSON.stringify(fields)}`);
  const logger = { debug: to('debug'), info: to('info'), warn: to('warn'), error: to('error') } as unknown as Logger;
  return { lines, logger };
}

const open = { description: '', secrecy: [], integrity: [] };
const guard = guardGuest({
  answers: {
    label_agent: { agent: { secrecy: [], integrity: [] }, difc_mode: 'strict' },
    label_resource: { resource: open, operation: 'read' },
    label_response: '',
  },
});

test.each([
  ['the last words of a program', ['sh', '-c', `echo ${MARK} >&2; exit 3`], 'it exited with code 3; its last words'],
  ['the error of a handshake', [process.execPath, ...failing('initialize')], 'it answered with an error'],
  ['the error of a list', [process.execPath, ...failing('tools/list')], 'it answered with an error'],
])(
  '%s are told of a server without a guard, and of one with a guard in the log at debug alone',
  async (_, run, why) => {
    const [command = '', ...args] = run;
    const { lines, logger } = keptLog();
    const files = moduleFiles({ public: guard });
    const gateway = await createGateway(
      {
        gateway: { listen: '127.0.0.1:0' },
        guards: { public: { path: files.public as string } },
        mcpServers: { guarded: { command, args, guard: 'public' }, plain: { command, args } },
      },
      { logger },
    );
    await gateway.started();
    const { url } = await gateway.listen();
    const health = await (await fetch(url.replace('/mcp', '/health/ready'))).json();
    const reasonOf = (server: string): string =>
      health.entries.find((entry: { name: string }) => entry.name === server).reason;
    expect(reasonOf('plain')).toContain(MARK);
    expect(reasonOf('guarded')).toContain(why);
    expect(reasonOf('guarded')).toContain('in the log, at debug');
    expect(reasonOf('guarded')).not.toContain(MARK);
    const loud = [...lines.info, ...lines.warn, ...lines.error].filter((line) => line.includes('"guarded"'));
    expect(loud.join('\n')).not.toContain(MARK);
    expect(lines.debug.filter((line) => line.includes('"guarded"')).join('\n')).toContain(MARK);
    await using client = await connect(url);
    const told = await client.callTool({ name: 'guarded__any', arguments: {} }).then(JSON.stringify, String);
    expect(told).not.toContain(MARK);
    await gateway.close();
  },
);

test('a call that a guarded program ends with its own end is told how it exited, and nothing of what it wrote', async () => {
  const files = moduleFiles({ public: guard });
  const gateway = await createGateway({
    gateway: { listen: '127.0.0.1:0' },
    guards: { public: { path: files.public as string } },
    mcpServers: { b: { command: process.execPath, args: [program], guard: 'public' } },
  });
  await gateway.started();
  const { url } = await gateway.listen();
  await using client = await connect(url);
  const lost = textOf(await client.callTool({ name: 'b__exit', arguments: {} }));
  expect(lost).toContain('it exited with code 7; its last words are in the log, at debug');
  const next = textOf(await client.callTool({ name: 'b__pids', arguments: {} }));
  expect(next).not.toContain('told to exit');
  await gateway.close();
});

test.each(['guarded', 'plain'])('what a %s server answers in place of a list of resources', async (server) => {
  const files = moduleFiles({ public: guard });
  const run = { command: process.execPath, args: failing('resources/list') };
  await using gateway = await createGateway({
    gateway: { listen: '127.0.0.1:0' },
    guards: { public: { path: files.public as string } },
    mcpServers: { guarded: { ...run, guard: 'public' }, plain: run },
  });
  await gateway.started();
  const { url } = await gateway.listen();
  const own = await rawSession(`${url}/${server}`);
  const { error } = (await own('resources/list')).body;
  expect(error).toMatchObject({ code: -32_603 });
  expect(JSON.stringify(error).includes(MARK)).toBe(server === 'plain');
});
