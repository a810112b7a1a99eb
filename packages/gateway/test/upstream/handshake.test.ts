import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { Cancellation } from '../../src/protocol/cancellation.ts';
import { MetaKey } from '../../src/protocol/era.ts';
import { askEra, shakeHands } from '../../src/upstream/handshake.ts';
import { startFakeConnection } from './fake-connection.ts';

beforeEach(() => {
  vi.useFakeTimers();
});

afterEach(() => {
  vi.useRealTimers();
});

const DISCOVERED = '"result":{"supportedVersions":["2026-07-28"],"capabilities":{"tools":{ }},"instructions":"hi"}';
const GREETED =
  '"result":{"protocolVersion":"2025-06-18","capabilities":{"logging":{}},"serverInfo":{"name":"s","version":"1"}}';
const NOT_FOUND = '"error":{"code":-32601,"message":"Method not found"}';

/** Asks a program that may take half a minute to start. */
async function ask(isProgram: boolean) {
  const started = await startFakeConnection(!isProgram);
  const { connection, link } = started;
  const verdict = askEra(connection, new Cancellation(), { isProgram, timeoutMs: 30_000 });
  verdict.catch(() => {});
  const answer = (method: string, text: string): void =>
    link.write(`{"jsonrpc":"2.0","id":${link.request(method).id},${text}}`);
  const asked = (): unknown[] => link.sent.map(({ frame }) => frame.method).filter((method) => method !== 'ping');
  return { ...started, verdict, answer, asked };
}

describe.each([true, false])('a server that answers (a program: %s)', (isProgram) => {
  test('that it speaks the modern era is open, as it says of itself', async () => {
    const { connection, verdict, answer, asked } = await ask(isProgram);
    answer('server/discover', DISCOVERED);
    expect(await verdict).toBe('open');
    expect(connection.facts).toMatchObject({ era: 'modern', instructions: 'hi', serverInfo: undefined });
    expect(String(connection.facts.capabilities.toBytes())).toBe('{"tools":{ }}');
    expect(asked()).toEqual(['server/discover']);
    expect(vi.getTimerCount()).toBe(0);
  });

  test.each([NOT_FOUND, '"result":{}', '"result":{"supportedVersions":["2027-01-01"]}'])(
    '%s is of the legacy era',
    async (text) => {
      const { verdict, answer } = await ask(isProgram);
      answer('server/discover', text);
      expect(await verdict).toBe('legacy');
    },
  );
});

describe('a program', () => {
  test('that takes its time is pinged as a modern client would, and is served as modern', async () => {
    const { connection, link, verdict, answer } = await ask(true);
    await vi.advanceTimersByTimeAsync(500);
    // A server of the official SDK serves a connection of which a request lacks the envelope as one of the legacy era.
    expect(link.request('ping').frame.params).toMatchObject({ _meta: { [MetaKey.protocolVersion]: '2026-07-28' } });
    answer('server/discover', DISCOVERED);
    answer('ping', NOT_FOUND);
    expect(await verdict).toBe('open');
    expect(connection.isModern).toBe(true);
  });

  test('that has written nothing yet is still starting: it is asked one question, and a late answer counts', async () => {
    const { connection, verdict, answer, asked } = await ask(true);
    await vi.advanceTimersByTimeAsync(17_000);
    expect(asked()).toEqual(['server/discover']);
    answer('server/discover', DISCOVERED);
    expect(await verdict).toBe('open');
    expect(connection.isModern).toBe(true);
  });

  test('that writes nothing for two thirds of its time is taken for silent', async () => {
    const { verdict, asked } = await ask(true);
    await vi.advanceTimersByTimeAsync(20_000);
    expect(await verdict).toBe('silent');
    expect(asked()).toEqual(['server/discover']);
  });

  test('that runs but ignores the question is greeted the older way after five seconds', async () => {
    const { connection, link, verdict, answer, asked } = await ask(true);
    await vi.advanceTimersByTimeAsync(10_000);
    link.events?.sign();
    await vi.advanceTimersByTimeAsync(4_999);
    expect(asked()).toEqual(['server/discover']);
    await vi.advanceTimersByTimeAsync(1);
    expect(asked()).toEqual(['server/discover', 'initialize']);
    answer('initialize', GREETED);
    expect(await verdict).toBe('open');
    expect(connection.facts.era).toBe('legacy');
    expect(asked()).toEqual(['server/discover', 'initialize', 'notifications/initialized']);
  });

  test('that answers the question after it was greeted, and refuses the greeting, is modern', async () => {
    const { connection, link, verdict, answer } = await ask(true);
    link.events?.sign();
    await vi.advanceTimersByTimeAsync(5_000);
    answer('server/discover', DISCOVERED);
    answer('initialize', '"error":{"code":-32022,"message":"no"}');
    expect(await verdict).toBe('open');
    expect(connection.isModern).toBe(true);
  });

  test('that refuses both is told with what it says to the greeting', async () => {
    const { link, verdict, answer } = await ask(true);
    link.events?.sign();
    await vi.advanceTimersByTimeAsync(5_000);
    answer('server/discover', NOT_FOUND);
    answer('initialize', '"error":{"code":-32042,"message":"not today"}');
    await expect(verdict).rejects.toMatchObject({ code: -32_042 });
  });

  test('that ends at the question may be an older one', async () => {
    const { link, verdict } = await ask(true);
    link.events?.ended('it exited with code 1');
    expect(await verdict).toBe('ended');
  });
});

describe('a server over HTTP', () => {
  const refused = async (status: number) => {
    const asked = await ask(false);
    asked.link.request('server/discover').ticket?.refused({ status, body: Buffer.from('no') });
    return asked;
  };

  test.each([400, 405, 406, 415])('that refuses the question with %i is of the legacy era', async (status) => {
    expect(await (await refused(status)).verdict).toBe('legacy');
  });

  test.each([401, 403, 500, 503])('that refuses everybody with %i is told so', async (status) => {
    await expect((await refused(status)).verdict).rejects.toMatchObject({ code: 'GATEWAY_UPSTREAM_REFUSED' });
  });

  test('that cannot be reached is told so', async () => {
    const { link, verdict } = await ask(false);
    link.request('server/discover').ticket?.failed(new Error('connect ECONNREFUSED'), false);
    await expect(verdict).rejects.toMatchObject({ code: 'GATEWAY_UPSTREAM_UNAVAILABLE' });
  });
});

test('the question and the greeting say who asks', async () => {
  const { link, connection } = await startFakeConnection();
  void askEra(connection, new Cancellation(), { isProgram: false, timeoutMs: 1 }).catch(() => {});
  void shakeHands(connection, new Cancellation()).catch(() => {});
  expect(link.request('server/discover').frame.params).toEqual({
    _meta: {
      'io.modelcontextprotocol/protocolVersion': '2026-07-28',
      'io.modelcontextprotocol/clientInfo': { name: 'lockgate', version: '0' },
      'io.modelcontextprotocol/clientCapabilities': {},
    },
  });
  expect(link.request('server/discover').headers).toMatchObject({
    'mcp-protocol-version': '2026-07-28',
    'mcp-method': 'server/discover',
  });
  expect(link.request('initialize').frame.params).toEqual({
    protocolVersion: '2025-11-25',
    capabilities: {},
    clientInfo: { name: 'lockgate', version: '0' },
  });
});
