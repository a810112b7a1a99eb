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

  test('include the password of an address and the token of a header wherever they stand', () => {
    const tree = {
      mcpServers: {
        a: { args: ['postgres://me:arg%2Fword@h/db?ssl=require'], env: { URL: 'redis://me:env-word@h' } },
        b: { headers: { Authorization: 'Bearer header-word' } },
      },
    };
    expect(new Set(collectSecrets(tree))).toEqual(
      new Set(['arg%2Fword', 'arg/word', 'redis://me:env-word@h', 'env-word', 'Bearer header-word', 'header-word']),
    );
  });

  test('include what a variable brought, except paths', () => {
    const expanded = [
      { place: ['mcpServers', 'a', 'args', 0], value: 'X-Key: from-variable', variables: [['KEY', 'from-variable']] },
      { place: ['mcpServers', 'a', 'args', 1], value: '/home/me/x', variables: [['HOME', '/home/me']] },
      { place: ['gateway', 'logDir'], value: '/home/you/logs', variables: [['LOGS', '/home/you/logs']] },
    ] as const;
    expect(collectSecrets({}, expanded)).toEqual(['X-Key: from-variable', 'from-variable']);
  });

  test('include what a variable brought beside the home', () => {
    const both = [
      ['HOME', '/home/me'],
      ['NAME', 'from-variable'],
    ] as const;
    const expanded = [
      { place: ['mcpServers', 'a', 'args', 0], value: '/home/me/from-variable', variables: both },
    ] as const;
    expect(collectSecrets({}, expanded)).toEqual(['/home/me/from-variable', 'from-variable']);
  });
});

describe('a redactor', () => {
  test('masks a secret plain, in JSON and in an address', () => {
    const redact = createRedactor(['p"ss wörd']);
    const text = `plain p"ss wörd, ${JSON.stringify('p"ss wörd')}, ?q=${encodeURIComponent('p"ss wörd')}`;
    expect(redact(text)).toBe(`plain ${MASK}, "${MASK}", ?q=${MASK}`);
  });

  test.each([1, 2, 3])('masks a secret that was put into JSON %i times', (depth) => {
    const secret = 's3cr3t-"\\wörd';
    let text = secret;
    let ascii = secret;
    for (let i = 0; i < depth; i++) {
      text = JSON.stringify({ text });
      ascii = JSON.stringify({ ascii }).replaceAll('ö', '\\u00f6');
    }
    const redact = createRedactor([secret]);
    expect(redact(text)).not.toContain('s3cr3t');
    expect(redact(ascii)).not.toContain('s3cr3t');
  });

  test('masks a secret in Base64', () => {
    const redact = createRedactor(['s3cr3t-ü?>']);
    const bytes = Buffer.from('s3cr3t-ü?>');
    expect(redact(`${bytes.toString('base64')} ${bytes.toString('base64url')}`)).toMatch(/^\*{8}=* \*{8}$/);
  });

  test('masks each line of a secret that has several', () => {
    const redact = createRedactor(['-----BEGIN KEY-----\nMIIEvQIBADAN\n']);
    expect(redact('MIIEvQIBADAN')).toBe(MASK);
  });

  test('masks the beginning of a secret at the end of a text that was cut, and there alone', () => {
    const redact = createRedactor(['secret-of-many']);
    expect(redact('it is secret-of', true)).toBe(`it is ${MASK}`);
    expect(redact('secret-of it', true)).toBe('secret-of it');
    expect(redact('it is secret-of')).toBe('it is secret-of');
  });

  test('masks the longer of two that begin alike, and takes no character for a pattern', () => {
    const redact = createRedactor(['secret', 'secret.*(long)[x]']);
    expect(redact('secret.*(long)[x] secret secretly')).toBe(`${MASK} ${MASK} ${MASK}ly`);
  });

  test('masks a secret of 200,000 characters, and thousands of short ones', () => {
    const long = Array.from({ length: 200_000 }, (_, at) => String.fromCharCode(97 + ((at * at) % 26))).join('');
    const many = Array.from({ length: 2000 }, (_, at) => `secret-${at}-${'x'.repeat(at % 100)}`);
    const redact = createRedactor([...many, long]);
    expect(redact(`${many[0]} ${long} ${many.at(-1)}`)).toBe(`${MASK} ${MASK} ${MASK}`);
  });

  test('leaves words of fewer than 6 characters alone', () => {
    expect(createRedactor(['info', ''])('info: all well')).toBe('info: all well');
  });
});
