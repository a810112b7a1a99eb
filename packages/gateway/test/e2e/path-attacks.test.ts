import { mkdirSync, mkdtempSync, readFileSync, realpathSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { guardFile, programOf, servedGateway } from './guarded-files.ts';
import { pathAttacks, SECRETS } from './path-attacks.ts';
import { openWire, type Wire } from './wire.ts';

// The real file server behind the path guard, and beside it the same one without: whatever is tried, in none of the modes anything that the client gets
// holds a secret.

const MODES = ['strict', 'filter', 'propagate'] as const;
const MARKER = /MARKER|TUFSS0VS/; // as text, and in Base64

const scratch = realpathSync(mkdtempSync(join(tmpdir(), 'lockgate-attacks-')));
const rootOf = (name: string): string => join(scratch, name, 'home');
const names = [...MODES, 'bare'];
const attacks = pathAttacks(rootOf('strict'));

let served: Awaited<ReturnType<typeof servedGateway>>;
const wires = new Map<string, Wire>();

beforeAll(async () => {
  for (const name of names) fill(rootOf(name));
  const filesystem = programOf('@modelcontextprotocol/server-filesystem');
  const server = (name: string) => {
    const root = rootOf(name);
    return { command: process.execPath, args: [filesystem, root], cwd: root, env: { HOME: root } };
  };
  const guarded = (mode: string) => ({
    ...server(mode),
    guard: 'paths',
    'guard-policies': {
      'allow-only': {
        rules: { mode, roots: [rootOf(mode)], folders: { private: ['private:files'], Kelvin: ['private:files'] } },
      },
    },
  });
  served = await servedGateway({
    gateway: { listen: '127.0.0.1:0' },
    guards: { paths: { path: guardFile('path-guard') } },
    mcpServers: {
      ...Object.fromEntries(MODES.map((mode) => [mode, guarded(mode)])),
      bare: server('bare'),
    },
  });
  for (const name of names) wires.set(name, await openWire(served.url));
});
afterAll(() => served[Symbol.asyncDispose]());

function fill(root: string): void {
  const outside = join(dirname(root), 'outside', 'MARKER-OUTSIDE.txt');
  const files = { ...Object.fromEntries(Object.entries(SECRETS).map(([path, text]) => [join(root, path), text])) };
  for (const [path, text] of Object.entries({ ...files, [outside]: 'x', [join(root, 'sub', 'open.txt')]: 'open' })) {
    mkdirSync(dirname(path), { recursive: true });
    writeFileSync(path, text);
  }
  writeFileSync(join(root, 'notes.txt'), 'open notes');
  symlinkSync(outside, join(root, 'link-out'));
}

/** All that the client gets for one input at one of the servers. */
function receive(name: string, index: number): Promise<string> {
  const attack = pathAttacks(rootOf(name))[index];
  if (!attack) throw new RangeError(`there is no attack ${index}`);
  const text = attack.text ?? JSON.stringify(attack.args);
  return (wires.get(name) as Wire).call(`${name}__${attack.tool}`, text);
}

describe.each(MODES)('in %s mode', (mode) => {
  test.each(attacks.map((attack, index) => ({ ...attack, index })).filter(given(mode)))(
    '$what ($tool) brings out nothing',
    async ({ index }) => {
      expect(await receive(mode, index)).not.toMatch(MARKER);
    },
  );

  test('what is open is given, and nothing was moved, changed or broken by the attacks', async () => {
    const wire = wires.get(mode) as Wire;
    const root = rootOf(mode);
    const read = (path: string) => wire.call(`${mode}__read_text_file`, JSON.stringify({ path }));
    expect(await read(join(root, 'notes.txt'))).toContain('open notes');
    expect(await read(join(root, 'stolen.txt'))).not.toMatch(MARKER);
    for (const [path, text] of Object.entries(SECRETS)) expect(readFileSync(join(root, path), 'utf8')).toBe(text);
    if (mode === 'filter') {
      const listing = await wire.call('filter__list_directory', JSON.stringify({ path: root }));
      expect(listing).toMatch(/\[FILE\] notes\.txt/);
      expect(listing).not.toMatch(/private|Kelvin/);
    }
  });
});

test('without a guard many of them are no attempts in vain', async () => {
  let given = 0;
  for (const index of attacks.keys()) if (MARKER.test(await receive('bare', index))) given++;
  expect(attacks.length).toBeGreaterThanOrEqual(60);
  expect(given).toBeGreaterThanOrEqual(30);
});

function given(mode: string): (attack: { forTagged?: boolean }) => boolean {
  return ({ forTagged }) => mode !== 'propagate' || forTagged !== true;
}
