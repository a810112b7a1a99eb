import { hash } from 'node:crypto';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { describe, expect, test } from 'vitest';
import { addonPlaces, findCodeSerializer, thisEngine } from '../src/code-serializer.ts';
import { loopModule } from './fixtures/modules.ts';
import { answerOf, noDisk, runProgram, serializer } from './fixtures/setting.ts';

const root = fileURLToPath(new URL('..', import.meta.url));
const missing = (): undefined => undefined;
const reasonOf = (found: ReturnType<typeof findCodeSerializer>): string => ('reason' in found ? found.reason : 'found');

describe('the choice of an addon', () => {
  test.each([
    ['22', '127'],
    ['24', '137'],
    ['26', '147'],
  ])('Node %s gets the one that was built for its ABI %s', (_, modules) => {
    const engine = { ...thisEngine(), platform: 'linux', arch: 'x64', versions: { node: '1.2.3', modules } };
    const tried: string[] = [];
    findCodeSerializer(engine, (path) => {
      tried.push(path);
      return missing();
    });
    expect(tried).toEqual(addonPlaces(engine));
    expect(tried.at(-1)).toBe(`${root}prebuilds/linux-x64/v8_code_cache.abi${modules}.node`);
    expect(existsSync(tried.at(-1) ?? '')).toBe(true);
  });

  test('a local build comes first, and one for another Node is passed over', () => {
    const asked: string[] = [];
    const found = findCodeSerializer(thisEngine(), (path) => {
      asked.push(path);
      if (asked.length === 1) throw new Error('was compiled against a different Node.js version');
      return { second: true };
    });
    expect(found).toEqual({ serializer: { second: true } });
    expect(asked[0]).toMatch(/native\/build\/Release/);
  });

  test('where none fits, the reason names Node, ABI and platform', () => {
    const engine = { ...thisEngine(), platform: 'plan9', arch: 'mips', versions: { node: '99.0.0', modules: '999' } };
    expect(reasonOf(findCodeSerializer(engine, missing))).toBe(
      'no native addon for Node 99.0.0 (ABI 999) on plan9-mips',
    );
  });

  test('an addon that is there but does not load says why', () => {
    const failing = (): never => {
      throw new Error('libstdc++ too old\nand a stack');
    };
    expect(reasonOf(findCodeSerializer(thisEngine(), failing))).toMatch(/: libstdc\+\+ too old$/);
  });

  test.each([
    [{ hasWebAssembly: false }, /without WebAssembly/],
    [{ versions: { ...process.versions, bun: '1.3.0' } }, /^bun /],
    [{ versions: { ...process.versions, deno: '2.0.0' } }, /^deno /],
    [{ versions: { ...process.versions, electron: '40.0.0' } }, /^electron /],
    [{ flags: ['--liftoff-only'] }, /--liftoff-only/],
    [{ flags: ['--no_wasm_tier_up'] }, /--no_wasm_tier_up/],
  ])('an engine that cannot serialise is never asked to load one: %j', (odd, reason) => {
    const found = findCodeSerializer({ ...thisEngine(), ...odd }, () => expect.unreachable());
    expect(reasonOf(found)).toMatch(reason);
  });

  test('the prebuilt addons come from the sources as they are', () => {
    const native = `${root}native/`;
    const digest = readdirSync(native)
      .filter((name) => name !== 'build')
      .sort()
      .reduce((all, name) => all + name + readFileSync(native + name, 'utf8'), '');
    const built = readFileSync(`${root}prebuilds/sources.sha256`, 'utf8').trim();
    expect(hash('sha256', digest), 'native/ has changed: run scripts/prebuild.mjs').toBe(built);
  });
});

describe.skipIf(noDisk)('the addon', () => {
  test.each([
    ['', 0xef46db3751d8e999n],
    ['abc', 0x44bc2cf5ad770999n],
    ['xxhash', 0x32dd38952c4bc720n],
    ['Nobody inspects the spammish repetition', 0xfbcea83c8a378bf1n],
  ])('its checksum is XXH64: %j', (text, sum) => {
    expect(serializer().checksum(Buffer.from(text))).toBe(sum);
  });

  test('its checksum changes with every single bit', () => {
    const bytes = new Uint8Array(100).map((_, i) => i * 7);
    const sums = new Set([serializer().checksum(bytes)]);
    for (let bit = 0; bit < 800; bit++) {
      const flipped = bytes.slice();
      flipped[bit >> 3] = (flipped[bit >> 3] ?? 0) ^ (1 << (bit & 7));
      sums.add(serializer().checksum(flipped));
    }
    expect(sums.size).toBe(801);
  });

  test('it knows this program and how its memory is guarded', () => {
    const { buildId, traps } = serializer().facts(new WebAssembly.Memory({ initial: 1, maximum: 1 }));
    expect(traps).toMatch(/^(handler|checks|unknown)$/);
    if (process.platform === 'linux') expect(buildId).toMatch(/^[0-9a-f]{16,}$/);
  });

  test('it gives the bytes of a module, and no code while nothing is optimised', () => {
    const bytes = loopModule(20);
    const module = new WebAssembly.Module(bytes);
    expect(Buffer.from(serializer().wireBytes(module)).equals(bytes)).toBe(true);
    expect(serializer().serialize(module)).toBeNull();
  });

  test('arguments of the wrong kind are thrown back', () => {
    const addon = serializer() as unknown as Record<string, (...given: unknown[]) => unknown>;
    const shared = new Uint8Array(new SharedArrayBuffer(64));
    const good = loopModule(21);
    const calls: [string, unknown[]][] = [
      ['serialize', [{}]],
      ['serialize', []],
      ['wireBytes', ['x']],
      ['checksum', [5]],
      ['checksum', [shared]],
      ['load', [good, new Uint8Array(8)]],
      ['load', [shared, new Uint8Array(64)]],
      ['load', [new ArrayBuffer(64), new Uint8Array(64)]],
      ['loadFile', [good, 'fd', 0, 100, 1n]],
      ['loadFile', [good, 0, -1, 100, 1n]],
      ['loadFile', [good, 0, 0, 100, 1]],
      ['facts', [{}]],
      ['tryLock', ['x']],
      ['limit', ['x', 1]],
    ];
    for (const [name, given] of calls) expect(() => addon[name]?.(...given), name).toThrow(TypeError);
  });

  test('code of nobody is refused without harm', () => {
    expect(serializer().load(loopModule(22), new Uint8Array(64))).toBe('refused');
  });

  test('time and memory of a process can be limited', () => {
    expect(runProgram('limited-program.ts', ['time'])).toMatchObject({ status: null, signal: 'SIGXCPU' });
    if (process.platform !== 'linux') return;
    expect(answerOf(runProgram('limited-program.ts', ['nothing']))).toBe('ended by itself');
    expect(runProgram('limited-program.ts', ['memory']).status).not.toBe(0);
  });
});
