import { describe, expect, test } from 'vitest';
import { collectSecrets, createRedactor, MASK } from '../../src/config/secrets.ts';

describe('secrets of a configuration', () => {
  test('are settings, variables, headers, keys, passwords in addresses, and arguments after a telling word', () => {
    const tree = {
      gateway: {
        listen: '127.0.0.1:3000',
        auth: { apiKeys: [{ name: 'ci', hash: 'sha256:abc' }] },
        tracing: { headers: { h: 'otlp-secret' } },
      },
      plugins: { p: { path: 'p.wasm', settings: { a: 'setting-1' } } },
      mcpServers: {
        a: {
          command: 'x',
          args: ['--api-key', 'arg-1', '--token=arg-2', 'plain', '--out', 'file', '--key'],
          env: { E: 'env-1' },
        },
        b: { url: 'http://user:pass@x.test/mcp?token=query-1', headers: { H: 'header-1' } },
      },
    };
    expect(new Set(collectSecrets(tree))).toEqual(
      new Set([
        'sha256:abc',
        'otlp-secret',
        'setting-1',
        'arg-1',
        'arg-2',
        'env-1',
        'pass',
        'user',
        'query-1',
        'header-1',
      ]),
    );
  });

  test('include what a variable brought, except paths', () => {
    const expanded = [
      { place: ['mcpServers', 'a', 'args', 0], value: 'from-variable' },
      { place: ['gateway', 'logDir'], value: '/home/me/logs' },
    ];
    expect(collectSecrets({}, expanded)).toEqual(['from-variable']);
  });
});

describe('a redactor', () => {
  test('masks a secret plain, in JSON and in an address', () => {
    const redact = createRedactor(['p"ss wörd']);
    const text = `plain p"ss wörd, ${JSON.stringify('p"ss wörd')}, ?q=${encodeURIComponent('p"ss wörd')}`;
    expect(redact(text)).toBe(`plain ${MASK}, "${MASK}", ?q=${MASK}`);
  });

  test('masks the longer of two that begin alike, and takes no character for a pattern', () => {
    const redact = createRedactor(['secret', 'secret.*(long)[x]']);
    expect(redact('secret.*(long)[x] secret secretly')).toBe(`${MASK} ${MASK} ${MASK}ly`);
  });

  test('leaves words of fewer than 6 characters alone', () => {
    expect(createRedactor(['info', ''])('info: all well')).toBe('info: all well');
  });
});
