import { execFile } from 'node:child_process';
import { createHash } from 'node:crypto';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { gzipSync } from 'node:zlib';
import { inspectModule } from '@lockgate/abi';
import { ComponentBuilder, componentGuest, echoGuest, fetchEchoGuest, WasmBuilder } from '@lockgate/testkit';
import { describe, expect, test } from 'vitest';
import { extismEcho } from '../e2e/extism-guest.ts';
import { folderWith, runLockgate } from './run-lockgate.ts';

describe('inspect', () => {
  test('says what a plugin is and that it can be used', async () => {
    const workingFolder = await folderWith({ 'echo.wasm': echoGuest() });
    const { code, stdout, stderr } = await runLockgate(['inspect', 'echo.wasm'], { workingFolder });
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
    expect(stdout).toContain('echo.wasm: plugin, usable');
    expect(stdout).toContain(createHash('sha256').update(echoGuest()).digest('hex'));
    expect(stdout).toContain('execute (i64) -> i64');
  });

  test('says what a module lacks and what to do, and exits 1', async () => {
    const empty = Uint8Array.of(0, 0x61, 0x73, 0x6d, 1, 0, 0, 0);
    const workingFolder = await folderWith({ 'echo.wasm': echoGuest(), 'empty.wasm': empty, 'text.wat': '(module)' });
    const { code, stdout, stderr } = await runLockgate(['inspect', 'echo.wasm', 'empty.wasm', 'text.wat', 'no.wasm'], {
      workingFolder,
    });
    expect(code).toBe(1);
    expect(stdout).toContain('empty.wasm: neither plugin nor guard, not usable');
    expect(stdout).toContain('to do    export what is missing and build again; see docs/writing-a-plugin.md');
    expect(stdout).toContain('text.wat: not a module, not usable');
    expect(stdout).toContain('there is no such file');
    expect(stderr).toBe('error: not usable: empty.wasm, text.wat, no.wasm\n');
  });

  test('says of a file that is empty, and of a folder, what to do', async () => {
    const workingFolder = await folderWith({ 'empty.wasm': new Uint8Array(0) });
    const { code, stdout } = await runLockgate(['inspect', 'empty.wasm', '.'], { workingFolder });
    expect(code).toBe(1);
    expect(stdout).toContain('to do    the file is empty: build or download it again');
    expect(stdout).toContain('to do    name a file in it');
  });

  test.skipIf(process.platform === 'win32')(
    'says of a pipe that it is none of a file, and waits for nobody',
    async () => {
      const workingFolder = await folderWith({});
      await promisify(execFile)('mkfifo', [join(workingFolder, 'pipe.wasm')]);
      const { code, stdout } = await runLockgate(['inspect', 'pipe.wasm'], { workingFolder });
      expect(code).toBe(1);
      expect(stdout).toContain('cannot read the file: it is a pipe or a device, not a file');
    },
  );

  test('says of a Go program that it was built as one, and how to build it', async () => {
    const goSection = [0, 11, 10, ...Buffer.from('go:buildid')];
    const workingFolder = await folderWith({ 'go.wasm': Uint8Array.of(...echoGuest(), ...goSection) });
    const { code, stdout } = await runLockgate(['inspect', 'go.wasm'], { workingFolder });
    expect(code).toBe(1);
    expect(stdout).toMatch(
      /problem {2}it is a Go program built without -buildmode=c-shared: .*\n {2}to do {4}build it with -buildmode=c-shared, .*\n$/,
    );
  });

  test('knows a plug-in for Extism by what it imports, and says why it lacks something', async () => {
    const old = new WasmBuilder();
    old.import('extism:host/env', 'alloc', ['i64'], 'i64');
    old.import('env', 'abort', ['i32', 'i32', 'i32', 'i32'], 'void');
    const needy = new WasmBuilder();
    needy.import('extism:host/env', 'config_get', ['i64'], 'i64');
    needy.import('extism:host/env', 'http_request', ['i64', 'i64'], 'i64');
    for (const name of ['send_mail', 'read_mail']) needy.import('extism:host/user', name, ['i64'], 'i64');
    needy.import('extism:host/user', 'odd', ['i32'], 'i64');
    const workingFolder = await folderWith({
      'x.wasm': extismEcho('say'),
      'old.wasm': old.build(),
      'needy.wasm': needy.build(),
    });
    const { stdout } = await runLockgate(['inspect', 'x.wasm', 'old.wasm', 'needy.wasm'], { workingFolder });
    expect(stdout).toContain('which no configuration gives: "send_mail", "read_mail"');
    expect(stdout).toContain(
      'must take and give handles only, as (i64, …) -> i64 or (i64, …) -> (), found (i32) -> i64',
    );
    expect(stdout).toContain('x.wasm: Extism plug-in, usable');
    expect(stdout).not.toContain('allocator');
    expect(stdout).toContain('old.wasm: Extism plug-in, not usable');
    expect(stdout).toContain("it is AssemblyScript's own: build with --use abort=");
    const [, ofOld = ''] = stdout.split('old.wasm');
    const [todo = ''] = ofOld.split('needy.wasm').map((part) => part.match(/to do .*/g)?.join('\n'));
    expect(todo).toMatch(/build it as is said there; see docs\/extism\.md/);
    expect(todo).not.toMatch(/without these imports/);
  });

  test('says what tools a component has and which imports nobody supplies', async () => {
    const lacking = new ComponentBuilder();
    lacking.importInstance('wasi:cli/environment@0.2.0', { 'get-environment': { params: {}, result: 'u32' } });
    lacking.importInstance('acme:store/keys@1.0.0', { get: { params: { key: 'string' } } });
    const workingFolder = await folderWith({ 'sum.wasm': componentGuest(), 'lacking.wasm': lacking.build() });
    const { code, stdout } = await runLockgate(['inspect', 'sum.wasm', 'lacking.wasm'], { workingFolder });
    expect(code).toBe(1);
    expect(stdout).toContain('sum.wasm: component, usable');
    expect(stdout).toMatch(/core modules +1\n/);
    expect(stdout).toMatch(/tools +add \(a: u32, b: u32\) -> u32\n/);
    expect(stdout).toContain('lacking.wasm: component, not usable');
    expect(stdout).toContain('no function is exported that could be a tool');
    expect(stdout).toContain(
      'get-environment of wasi:cli/environment@0.2.0: must be () -> list<tuple<string, string>>',
    );
    expect(stdout).toContain('get of acme:store/keys@1.0.0: a host supplies WASI 0.2 only');
    expect(stdout).toContain(
      'build without these imports, e.g. for WASI 0.2, or compose it with a component that exports them (wac plug); see docs/components.md',
    );
  });

  test('says what a module wants and what the entries that have its file give it, in the same words for each kind', async () => {
    const configuration = {
      plugins: {
        web: { path: 'x.wasm', hosts: ['a.test'], storage: ['fs:///srv:ro'], env: { TOKEN: 'hunter2hunter2' } },
        other: { path: 'x.wasm', limits: { memoryCeilingBytes: 1048576, callTimeoutMs: 1500 } },
      },
    };
    const files = { 'x.wasm': fetchEchoGuest(), 'sum.wasm': componentGuest(), 'e.wasm': extismEcho('say') };
    const workingFolder = await folderWith({ ...files, 'my.json': JSON.stringify(configuration) });
    const { stdout } = await runLockgate(['inspect', 'x.wasm', 'sum.wasm', 'e.wasm', '--config', 'my.json'], {
      workingFolder,
    });
    expect(stdout).toMatch(/wants +HTTP \("hosts"\)\n/);
    expect(stdout).toMatch(
      /gets +as plugins\.web: hosts a\.test; storage fs:\/\/\/srv:ro; env TOKEN; 256 MiB of memory, 60 s a call\n +as plugins\.other: 1 MiB of memory, 1\.5 s a call\n/,
    );
    expect(stdout).toMatch(
      /sum\.wasm[\s\S]*wants +nothing that has to be granted\n +gets +256 MiB .* no entry grants it more/,
    );
    expect(stdout).not.toContain('hunter2');
    const broken = await folderWith({ ...files, 'lockgate.json': '{' });
    expect((await runLockgate(['inspect', 'x.wasm'], { workingFolder: broken })).code).toBe(0);
    expect((await runLockgate(['inspect', 'x.wasm', '-c', 'none.json'], { workingFolder: broken })).code).toBe(2);
  });

  test('tells what compilers ask for anyhow from what a guest wants, and each import once', async () => {
    const wasi = (...names: readonly string[]): Uint8Array => {
      const wasm = new WasmBuilder();
      for (const name of names) wasm.import('wasi_snapshot_preview1', name, ['i32', 'i32'], 'i32');
      wasm.function({ params: [], result: 'void', export: '_start' }, () => []);
      return wasm.build();
    };
    const workingFolder = await folderWith({
      'go.wasm': wasi('environ_get', 'args_get', 'environ_get'),
      'files.wasm': wasi('path_open', 'environ_get'),
    });
    const { stdout } = await runLockgate(['inspect', 'go.wasm', 'files.wasm'], { workingFolder });
    expect(stdout).toMatch(
      /go\.wasm[\s\S]*wants +variables \("env"\), arguments \("args"\), as compilers ask for, used or not\n/,
    );
    expect(stdout).toMatch(
      /files\.wasm[\s\S]*wants +files \("storage"\); variables \("env"\), as compilers ask for, used or not\n/,
    );
    const [ofGo = ''] = stdout.split('files.wasm');
    expect(ofGo.match(/environ_get/g)).toHaveLength(1);
  });

  test.each([
    ['a module with a byte of code that is none', broken(echoGuest()), 'its code is not valid WebAssembly'],
    ['a component with such a module', broken(componentGuest()), 'its code is not valid WebAssembly'],
    ['half a module', echoGuest().subarray(0, 100), 'it is damaged, cut off'],
    ['half a component', componentGuest().subarray(0, 100), 'it is a component with what is not served here'],
    [
      'a component of WASI 0.3',
      Buffer.from([0, 0x61, 0x73, 0x6d, 0x0d, 0, 1, 0, 7, 3, 1, 0x66, 0]),
      'build it for WASI 0.2',
    ],
    ['what is compressed', gzipSync(echoGuest()), 'unpack it first (gunzip)'],
    ['a program', Buffer.from('\x7fELF\x02'), 'build it for WebAssembly'],
    ['a pointer', Buffer.from('version https://git-lfs.github.com/spec/v1\n'), 'git lfs pull'],
    ['a web page', Buffer.from('\n<!DOCTYPE html>'), 'it is a web page'],
    ['text', Buffer.from(';; hello\n(module)'), 'it is WebAssembly as text'],
    ['another text', Buffer.from('hello'), 'give a WebAssembly module or a component (.wasm)'],
  ])('tells %s for what it is', async (_what, bytes, said) => {
    const workingFolder = await folderWith({ 'x.wasm': bytes });
    const { code, stdout } = await runLockgate(['inspect', 'x.wasm'], { workingFolder });
    expect(code).toBe(1);
    expect(stdout).toContain(said);
  });

  test('gives programs JSON', async () => {
    const workingFolder = await folderWith({ 'echo.wasm': echoGuest() });
    const { stdout } = await runLockgate(['inspect', '--json', 'echo.wasm'], { workingFolder });
    expect(JSON.parse(stdout)).toMatchObject([
      { file: 'echo.wasm', usable: true, report: { abi: 'plugin', missing: [] } },
    ]);
  });

  test('refuses a module that starts above its memory ceiling, with both numbers', async () => {
    const workingFolder = await folderWith({ 'big.wasm': echoGuest({ minPages: 5_000 }) });
    const { code, stdout } = await runLockgate(['inspect', 'big.wasm'], { workingFolder });
    expect(code).toBe(1);
    expect(stdout).toContain('it starts with 327680000 bytes of memory, above the ceiling of 268435456');
  });
});

/** The bytes with an operation in their last function that no engine knows: its end is the last such byte of the code section. */
function broken(bytes: Uint8Array): Uint8Array {
  for (let at = bytes.length - 1; at > 0; at--) {
    if (bytes[at] !== 0x0b) continue;
    const copy = bytes.slice();
    copy[at - 1] = 0xff;
    if (!WebAssembly.validate(copy as Uint8Array<ArrayBuffer>) && isReadable(copy)) return copy;
  }
  throw new Error('no byte of it can be broken');
}

function isReadable(bytes: Uint8Array): boolean {
  try {
    inspectModule(bytes);
    return true;
  } catch {
    return false;
  }
}
