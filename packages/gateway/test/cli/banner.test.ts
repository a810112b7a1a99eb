import { describe, expect, test } from 'vitest';
import { banner, consoleLines } from '../../src/cli/banner.ts';
import { painter } from '../../src/cli/terminal.ts';
import { configSchema, type LockgateFile } from '../../src/config/schema.ts';
import type { GuardStatus } from '../../src/monitor/guard-status.ts';
import type { UpstreamStatus } from '../../src/upstream/upstream.ts';

const up: UpstreamStatus = { name: 'textkit', kind: 'plugin', state: 'running', since: 0, restarts: 0, tools: 1 };
const down: UpstreamStatus = {
  ...up,
  name: 'files',
  kind: 'mcp',
  state: 'restarting',
  tools: 0,
  reason: 'it exited with 1',
};
const shown = (
  gateway: NonNullable<LockgateFile['gateway']>,
  upstreams = [up, down],
  guards: readonly GuardStatus[] = [],
): string =>
  banner(
    'http://127.0.0.1:3000/mcp',
    { config: configSchema.parse({ gateway }), flag: '' },
    { upstreams, guards },
    painter(false),
  );

describe('the summary at the start', () => {
  test('says what is up, what is down and why, and what to paste', () => {
    expect(shown({})).toBe(`Lockgate serves 1 tool of textkit (not up: files) at http://127.0.0.1:3000/mcp

  textkit  plugin  running     1 tool
  files    server  restarting  it exited with 1

Add it to a client:
  claude mcp add --transport http lockgate http://127.0.0.1:3000/mcp
or, in the JSON file of a client:
  {"mcpServers":{"lockgate":{"type":"http","url":"http://127.0.0.1:3000/mcp"}}}

\`lockgate export <client> --write\` puts it into the file of a client.

`);
  });

  test('has a place for the key where one is asked for', () => {
    const text = shown({ auth: { apiKeys: [{ name: 'a', key: 'k'.repeat(32) }] } });
    expect(text).toContain('/mcp --header "Authorization: Bearer <key>"');
    expect(text).toContain('"headers":{"Authorization":"Bearer <key>"}');
    expect(text).not.toContain('kkk');
  });

  test('names each server where only single ones are served, and the public address where there is one', () => {
    const text = shown({ mode: 'routed', publicUrl: 'https://gw.test/' });
    expect(text).toContain('claude mcp add --transport http textkit https://gw.test/mcp/textkit');
    expect(text).toContain('claude mcp add --transport http files https://gw.test/mcp/files');
    expect(text).not.toContain('127.0.0.1');
  });

  test('names guards, and what a failed one means', () => {
    const text = shown(
      {},
      [up],
      [
        { server: 'textkit', guard: 'paths' },
        { server: 'files', guard: 'labels', failure: 'it trapped' },
      ],
    );
    expect(text).toMatch(/paths +guard +running +in front of textkit/);
    expect(text).toMatch(/labels +guard +failed +every call of files is denied: it trapped/);
  });

  test('says how to log in to the servers that want it', () => {
    const wanting = { ...down, name: 'tracker', state: 'needs login', reason: 'nobody has logged in' } as const;
    const config = configSchema.parse({ mcpServers: { tracker: { url: 'https://t.test/mcp' } } });
    const told = (upstreams: readonly UpstreamStatus[]): string =>
      banner('http://127.0.0.1:3000/mcp', { config, flag: ' -c x' }, { upstreams, guards: [] }, painter(false));
    expect(told([wanting])).toContain('Log in: `lockgate connect tracker -c x`, or call a tool of it');
    expect(told([up])).not.toContain('Log in');
    expect(told([up])).toContain('`lockgate export <client> --write -c x` puts');
  });

  test('names nobody as served where nothing is up', () => {
    expect(shown({}, [down])).toContain('Lockgate serves nothing yet (not up: files) at ');
  });

  test('says what to do where nothing is configured', () => {
    expect(shown({}, [])).toContain('nothing yet (add "plugins" or "mcpServers"');
  });
});

describe('the way to the console', () => {
  const link = 'http://127.0.0.1:3000/console/#sign-in=secret';
  const said = (isTerminal: boolean, isAsked: boolean): string =>
    consoleLines(link, { isTerminal, isAsked, flag: ' -c x' }, painter(false));

  test('is a link in a terminal, and names the command where that can ask the gateway', () => {
    expect(said(true, true)).toBe(
      `Console: ${link}\n  signs in once, within ten minutes; \`lockgate console -c x\` prints another\n\n`,
    );
    expect(said(true, false)).toContain('the next start prints another');
  });

  test('is no link where what is written may be kept', () => {
    expect(said(false, true)).toBe('Console: `lockgate console -c x` prints an address that signs in.\n\n');
    expect(said(false, false)).toContain('Console: http://127.0.0.1:3000/console/, for an admin key; ');
    expect(said(false, true) + said(false, false)).not.toContain('secret');
  });
});
