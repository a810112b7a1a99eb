import { describe, expect, test } from 'vitest';
import { beginObserved, outcomeOfError, outcomeOfResult, traced } from '../../src/call/observed.ts';
import { toRpcError, toToolError } from '../../src/call/outcome.ts';
import { BadRequestError, DeadlineError } from '../../src/errors.ts';
import type { AuditEntry } from '../../src/observe/audit.ts';
import { noMetrics } from '../../src/observe/metrics.ts';
import { sessionTag } from '../../src/observe/session-tag.ts';
import { Telemetry } from '../../src/observe/telemetry.ts';
import type { Tracing } from '../../src/observe/tracing.ts';
import { ObjectText } from '../../src/protocol/frame/object-text.ts';
import type { Message } from '../../src/protocol/message.ts';
import { RpcError } from '../../src/protocol/rpc-error.ts';
import { fakeExchange } from './fake-exchange.ts';

const call: Message = {
  method: 'tools/call',
  params: ObjectText.read(
    Buffer.from(
      '{"name":"files__read","arguments":{"secret":"x"},"_meta":{"mine":1.0,"traceparent":"theirs","tracestate":7}}',
    ),
  ),
};

type Work = () => Promise<ObjectText>;

async function observe(work: Work, tracing?: Tracing) {
  const lines: AuditEntry[] = [];
  const audit = { record: (entry: AuditEntry) => void lines.push(entry), lost: 0, reopen() {}, close: async () => {} };
  const telemetry = new Telemetry({ audit, metrics: noMetrics, tracing, now: () => 0 });
  const exchange = fakeExchange('legacy', { peer: { key: 's1', caller: { name: 'ci' } }, message: call });
  const observed = beginObserved(telemetry, exchange, undefined);
  const { message: sent } = traced(exchange, observed.trace);
  observed.routedTo('files');
  observed.end(
    await work().then(
      (result) => outcomeOfResult(result, false),
      (error: unknown) => outcomeOfError(toRpcError(error)),
    ),
  );
  return { line: lines[0], sent };
}

describe('a request', () => {
  const error = new DeadlineError({ server: 'files', method: 'tools/call', timeoutMs: 1 });
  const cases: [string, Work, Partial<AuditEntry>][] = [
    ['that is answered is ok', async () => ObjectText.from({ content: [] }), { verdict: 'ok' }],
    [
      "that gets the server's error is an error",
      async () => ObjectText.from({ content: [], isError: true }),
      { verdict: 'error' },
    ],
    [
      'that the gateway could not answer has failed',
      async () => toToolError(error),
      { verdict: 'failed', reason: 'GATEWAY_DEADLINE' },
    ],
    [
      'that the monitor refused is denied',
      () => Promise.reject(RpcError.of(-32_603, 'no', { code: 'GATEWAY_FLOW_DENIED' })),
      { verdict: 'denied', reason: 'GATEWAY_FLOW_DENIED' },
    ],
    ...['GATEWAY_APPROVAL_NEEDED', 'GATEWAY_APPROVAL_DENIED', 'GATEWAY_WITHHELD'].map(
      (code): [string, Work, Partial<AuditEntry>] => [
        `that is held back with ${code} is denied`,
        () => Promise.reject(RpcError.of(-32_603, 'no', { code })),
        { verdict: 'denied', reason: code },
      ],
    ),
    [
      'that the server refused is an error with its code',
      () => Promise.reject(RpcError.received(ObjectText.from({ code: -32_602, message: 'no' }))),
      { verdict: 'error', reason: '-32602' },
    ],
    [
      'that the gateway itself refused has failed, with the same code',
      () => Promise.reject(RpcError.of(-32_602, 'no')),
      { verdict: 'failed', reason: '-32602' },
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

  test('is handed on as it is without tracing, and with this span in its _meta otherwise', async () => {
    const work = async (): Promise<ObjectText> => ObjectText.from({ content: [] });
    expect((await observe(work)).sent).toBe(call);
    const clients: unknown[] = [];
    const tracing: Tracing = {
      start(_name, _attributes, client) {
        clients.push(client);
        return { context: { traceparent: '00-1-2-01' }, rename() {}, end() {} };
      },
      close: async () => {},
    };
    const { sent } = await observe(work, tracing);
    expect(clients).toEqual([{ traceparent: 'theirs' }]);
    // What a client says of the state of its own trace is not said of another one. Source: W3C Trace Context, 3.3.
    expect(sent.params?.bytes('_meta')?.toString()).toBe('{"mine":1.0,"traceparent":"00-1-2-01"}');
    expect(sent.params?.bytes('arguments')?.toString()).toBe('{"secret":"x"}');
  });
});

test('errors of the gateway that are for the model are results; bad requests and errors of servers are not', () => {
  const bad = new BadRequestError('no');
  expect(() => toToolError(bad)).toThrow(bad);
  const own = RpcError.of(-32_002, 'gone', { uri: 'x' });
  expect(() => toToolError(own)).toThrow(own);
  expect(toRpcError(own)).toBe(own);
  expect(toRpcError(bad).text.toValue()).toEqual({
    code: -32_602,
    message: 'no',
    data: { code: 'GATEWAY_BAD_REQUEST' },
  });
});
