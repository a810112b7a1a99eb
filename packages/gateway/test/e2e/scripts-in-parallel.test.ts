import { describe, expect, test } from 'vitest';
import { createGateway } from '../fixtures/patient-gateway.ts';
import { introduced, serveScripted } from '../fixtures/scripted-server.ts';
import { SharedGate } from '../fixtures/shared-gate.ts';
import { connect, textOf } from './clients.ts';

const PROGRAM = new URL('../fixtures/gate-program.ts', import.meta.url).pathname;
const CALLS = 50;
const CODE = `
  const all = await Promise.all(Array.from({ length: ${CALLS} }, (_, i) => api.call('gate__pass', { i })));
  return { wrong: all.filter(([i], at) => i !== at).length, most: Math.max(...all.map(([, most]) => most)) };`;

/** A server whose calls go on when so many of them wait there: a script that made fewer at once would wait for ever. */
async function serveGate(kind: 'stdio' | '2025' | '2026', atOnce: number) {
  if (kind === 'stdio') {
    const entry = { command: process.execPath, args: [PROGRAM, String(CALLS), String(atOnce)] };
    return { entry, [Symbol.asyncDispose]: async () => {} };
  }
  const gate = new SharedGate(CALLS, atOnce);
  const server = await serveScripted(async ({ era, method, params }) => {
    const isOther = (era === 'modern') !== (kind === '2026');
    if (method === 'tools/list') return { result: { tools: [{ name: 'pass', inputSchema: { type: 'object' } }] } };
    if (method === 'initialize' || (method === 'server/discover' && !isOther)) return introduced(era, { tools: {} });
    if (method !== 'tools/call') return { error: { code: -32_601, message: 'no' } };
    const text = JSON.stringify([(params.arguments as { i: number }).i, await gate.pass()]);
    return { result: { ...(era === 'modern' && { resultType: 'complete' }), content: [{ type: 'text', text }] } };
  });
  return { entry: { url: server.url }, [Symbol.asyncDispose]: () => server[Symbol.asyncDispose]() };
}

describe.each(['stdio', '2025', '2026'] as const)('50 calls that a script makes at once of a %s server', (kind) => {
  test.each([
    [16, {}],
    [CALLS, { maxParallelCalls: CALLS }],
  ])('are %i at once there, so that they take as long as the slowest of these', async (atOnce, scripts) => {
    await using server = await serveGate(kind, atOnce);
    await using gateway = await createGateway({
      gateway: { listen: '127.0.0.1:0', discovery: 'search', scripts },
      mcpServers: { gate: server.entry },
    } as never);
    await gateway.started();
    await using client = await connect((await gateway.listen()).url, 'modern');
    const answer = await client.callTool({ name: 'run_script', arguments: { code: CODE } });
    expect(JSON.parse(textOf(answer as never))).toEqual({ wrong: 0, most: atOnce });
  });
});
