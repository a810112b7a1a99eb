import { spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect, onTestFinished, test } from 'vitest';
import { createGateway } from '../../fixtures/patient-gateway.ts';
import { connect, textOf } from '../clients.ts';
import { whyMissing } from '../languages/new-guest.ts';
import { whyMissingTarget } from '../languages/rust-target.ts';
import { RUST_SERVER } from './rust-server.ts';

const EXAMPLE = fileURLToPath(new URL('../../../../../examples/servers/go/', import.meta.url));
const missing = whyMissing('go', 'version');
if (missing !== undefined) console.log(`skipped: the whole server in Go: ${missing}`);

test.skipIf(missing !== undefined)(
  'a server in plain Go runs as it is, in the directory that it was given',
  { timeout: 240_000 },
  async () => {
    const folder = mkdtempSync(join(tmpdir(), 'lockgate-go-server-'));
    onTestFinished(() => rmSync(folder, { recursive: true }));
    const [wasm, notes] = [join(folder, 'notes.wasm'), join(folder, 'notes')];
    mkdirSync(notes);
    const env = { ...process.env, GOOS: 'wasip1', GOARCH: 'wasm' };
    const { status, stderr } = spawnSync('go', ['build', '-ldflags=-s', '-o', wasm, '.'], {
      cwd: EXAMPLE,
      env,
      encoding: 'utf8',
    });
    expect(status, stderr).toBe(0);

    const entry = (access: 'ro' | 'rw') => ({ wasm, args: [notes], storage: [`fs://${notes}:${access}`] });
    const mcpServers = { w: entry('rw'), r: entry('ro') };
    await using gateway = await createGateway(
      { gateway: { listen: '127.0.0.1:0' }, mcpServers },
      { startWindowMs: 120_000 },
    );
    await gateway.started();
    await using client = await connect((await gateway.listen()).url);
    const call = async (name: string, args: Record<string, string> = {}): Promise<string> =>
      textOf(await client.callTool({ name, arguments: args }));

    expect(await call('w__write_note', { name: 'a', text: 'buy milk' })).toBe('8 bytes');
    expect(readFileSync(join(notes, 'a'), 'utf8')).toBe('buy milk');
    expect(await call('r__read_note', { name: 'a' })).toBe('buy milk');
    expect(await call('w__list_notes')).toBe('a');
    expect(await call('r__write_note', { name: 'b', text: '' })).toContain('Read-only file system');
    expect(await call('w__read_note', { name: '../secret' })).toContain('Bad file number');
    // Whatever is asked is answered: what is not would hang for as long as a call may.
    const odd = client.callTool({ name: 'w__write_note', arguments: { name: 3 } });
    await expect(odd).rejects.toMatchObject({ code: -32602, message: expect.stringContaining('has to be a text') });
    const all = await Promise.all(
      Array.from({ length: 100 }, (_, index) => call(index % 2 ? 'w__read_note' : 'r__list_notes', { name: 'a' })),
    );
    expect(new Set(all)).toEqual(new Set(['buy milk', 'a']));
  },
);

test('the page of whole servers shows the example as it is built', () => {
  const page = readFileSync(new URL('../../../../../docs/whole-servers.md', import.meta.url), 'utf8');
  expect(page).toContain(`\`\`\`go\n${readFileSync(join(EXAMPLE, 'main.go'), 'utf8')}\`\`\`\n`);
});

const missingRust = whyMissing('rustc', '--version') ?? whyMissingTarget('wasm32-wasip2');
if (missingRust !== undefined) console.log(`skipped: the whole server in Rust, a component: ${missingRust}`);

test.skipIf(missingRust !== undefined)(
  'a server in plain Rust runs as a component with what it was given, and is started again when it falls',
  { timeout: 240_000 },
  async () => {
    const folder = mkdtempSync(join(tmpdir(), 'lockgate-rust-server-'));
    onTestFinished(() => rmSync(folder, { recursive: true }));
    const [source, wasm, note] = ['main.rs', 'server.wasm', 'note'].map((file) => join(folder, file)) as [
      string,
      string,
      string,
    ];
    writeFileSync(source, RUST_SERVER);
    writeFileSync(note, 'buy milk');
    const { status, stderr } = spawnSync('rustc', ['--target', 'wasm32-wasip2', '-o', wasm, source], {
      encoding: 'utf8',
    });
    expect(status, stderr).toBe(0);

    const mcpServers = { s: { wasm, args: ['x'], env: { KEY: 'value' }, storage: [`fs://${folder}:ro`] } };
    await using gateway = await createGateway({ gateway: { listen: '127.0.0.1:0' }, mcpServers });
    await gateway.started();
    await using client = await connect((await gateway.listen()).url);
    const call = (name: string, args: Record<string, string> = {}): Promise<string> =>
      client.callTool({ name: `s__${name}`, arguments: args }).then(textOf, (error: Error) => error.message);

    expect(await call('read', { path: note })).toBe('buy milk');
    expect(await call('read', { path: '/etc/passwd' })).toContain('No such file');
    expect(await call('env')).toBe('KEY=value ');
    expect(await call('args')).toBe('s x');
    expect(await call('connect')).toContain('Permission denied');
    expect(await call('panic')).toMatch(/it trapped: unreachable; its last words are in the log, at debug/);
    await expect.poll(() => call('args'), { timeout: 20_000 }).toBe('s x');
  },
);
