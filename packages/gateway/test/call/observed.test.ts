import { ProtocolError } from '@modelcontextprotocol/server';
import { describe, expect, test } from 'vitest';
import { observeRequest } from '../../src/call/observe-request.ts';
import { toToolError } from '../../src/call/outcome.ts';
import { DeadlineError } from '../../src/errors.ts';
import type { AuditEntry } from '../../src/observe/audit.ts';
import { noMetrics } from '../../src/observe/metrics.ts';
import { sessionTag } from '../../src/observe/session-tag.ts';
import { Telemetry } from '../../src/observe/telemetry.ts';
import type { Tracing } from '../../src/observe/tracing.ts';
import type { JsonObject, Message } from '../../src/upstream/message.ts';
import type { Exchange } from '../../src/upstream/peer.ts';

const call: Message = {
  method: 'tools/call',
  params: { name: 'files__read', arguments: { secret: 'x' }, _meta: { mine: 1, traceparent: 'theirs', tracestate: 7 } },
};

async function observe(
  work: () => Promise<JsonObject>,
  { tracing, aborted = false }: { tracing?: Tracing; aborted?: boolean } = {},
) {
  const lines: AuditEntry[] = [];
  const audit = { record: (entry: AuditEntry) => void lines.push(entry), lost: 0, close: async () => {} };
  const telemetry = new Telemetry({ audit, metrics: noMetrics, tracing, now: () => 0 });
  const signal = aborted ? AbortSignal.abort() : new AbortController().signal;
  const exchange = { peer: { key: 's1', caller: { name: 'ci' } }, signal } as unknown as Exchange;
  let sent: Message | undefined;
  const answer = await observeRequest(telemetry, call, exchange, undefined, async (message, { routedTo }) => {
    sent = message;
    routedTo?.('files');
    return work();
  }).catch((error: unknown) => error);
  return { line: lines[0], sent, answer };
}

describe('a request', () => {
  const error = new DeadlineError({ server: 'files', method: 'tools/call', timeoutMs: 1 });
  const cases: [string, () => Promise<JsonObject>, Partial<AuditEntry>][] = [
    ['that is answered is ok', async () => ({ content: [] }), { verdict: 'ok' }],
    ["that gets the server's error is an error", async () => ({ content: [], isError: true }), { verdict: 'error' }],
    [
      'that the gateway could not answer has failed',
      async () => toToolError(error),
      { verdict: 'failed', reason: 'GATEWAY_DEADLINE' },
    ],
    [
      'that the monitor refused is denied',
      () => Promise.reject(new ProtocolError(-32_603, 'no', { code: 'GATEWAY_FLOW_DENIED' })),
      { verdict: 'denied', reason: 'GATEWAY_FLOW_DENIED' },
    ],
    [
      'that the server refused is an error with its code',
      () => Promise.reject(new ProtocolError(-32_602, 'no')),
      { verdict: 'error', reason: '-32602' },
    ],
  ];
  test.each(cases)('%s', async (_, work, expected) => {
    const { line } = await observe(work);
    expect(line).toMatchObject({
      principal: 'ci',
      session: sessionTag('s1'),
      server: 'files',
      target: 'files__read',
      ...expected,
    });
    expect(JSON.stringify(line)).not.toContain('secret');
  });

  test('that the client gave up is cancelled', async () => {
    const { line } = await observe(() => Promise.reject(new Error('aborted')), { aborted: true });
    expect(line).toMatchObject({ verdict: 'cancelled' });
  });

  test('is handed on as it is without tracing, and with this span in its _meta otherwise', async () => {
    const work = async (): Promise<JsonObject> => ({ content: [] });
    expect((await observe(work)).sent).toBe(call);
    const clients: unknown[] = [];
    const tracing: Tracing = {
      start(_name, _attributes, client) {
        clients.push(client);
        return { context: { traceparent: '00-1-2-01' }, end() {} };
      },
      close: async () => {},
    };
    const { sent } = await observe(work, { tracing });
    expect(clients).toEqual([{ traceparent: 'theirs' }]);
    expect(sent?.params?._meta).toEqual({ mine: 1, traceparent: '00-1-2-01', tracestate: 7 });
  });
});
