import { mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { guardFile, programOf, servedGateway } from './guarded-files.ts';
import { GRAPH, labelAttacks, RULES } from './label-attacks.ts';
import { openWire, type Wire } from './wire.ts';

// The real memory server behind label-config, and beside it the same one without: in none of the modes anything that the client gets holds a secret,
// save what taints in propagate mode.

const MODES = ['strict', 'filter', 'propagate'] as const;
const MARKER = /MARKER/i;
const attacks = labelAttacks();

let served: Awaited<ReturnType<typeof servedGateway>>;

beforeAll(async () => {
  const scratch = mkdtempSync(join(tmpdir(), 'lockgate-labels-'));
  const server = (name: string) => {
    const file = join(scratch, `${name}.jsonl`);
    writeFileSync(file, GRAPH.map((line) => JSON.stringify(line)).join('\n'));
    const program = programOf('@modelcontextprotocol/server-memory');
    return { command: process.execPath, args: [program], env: { MEMORY_FILE_PATH: file } };
  };
  const guarded = (mode: string) => ({
    ...server(mode),
    guard: 'labels',
    'guard-policies': { 'allow-only': { rules: { mode, calls: RULES } } },
  });
  served = await servedGateway({
    gateway: { listen: '127.0.0.1:0' },
    guards: { labels: { path: guardFile('label-config') } },
    mcpServers: { ...Object.fromEntries(MODES.map((mode) => [mode, guarded(mode)])), bare: server('bare') },
  });
});
afterAll(() => served[Symbol.asyncDispose]());

/** All that the client gets for one input. */
function receive(wire: Wire, server: string, index: number): Promise<string> {
  const attack = attacks[index];
  if (!attack) throw new RangeError(`there is no attack ${index}`);
  return wire.call(`${server}__${attack.tool}`, attack.text ?? JSON.stringify(attack.args));
}

describe.each(MODES)('in %s mode', (mode) => {
  test.each(attacks.map((attack, index) => ({ ...attack, index })))(
    '$what ($tool) brings out nothing',
    async ({ index, forTagged }) => {
      const wire = await openWire(served.url);
      const received = await receive(wire, mode, index);
      if (mode !== 'propagate' || forTagged !== true) expect(received).not.toMatch(MARKER);
      else if (MARKER.test(received)) {
        const note = JSON.stringify({ entities: [{ name: 'n', entityType: 't', observations: ['o'] }] });
        expect(await wire.call('bare__create_entities', note)).toMatch(/Denied: .*private:acme/);
      }
    },
  );

  test('what is open is given', async () => {
    const wire = await openWire(served.url);
    expect(await wire.call('bare__open_nodes', '{"names":["weather"]}')).toContain('sunny');
    const found = await wire.call(`${mode}__open_nodes`, '{"names":["weather"]}');
    // Its relations name the client: strict withholds the whole answer for them.
    if (mode === 'strict') expect(found).toMatch(/Denied/);
    else expect(found).toContain('sunny');
  });
});

test('without a guard many of them are no attempts in vain', async () => {
  const wire = await openWire(served.url);
  let given = 0;
  for (const index of attacks.keys()) if (MARKER.test(await receive(wire, 'bare', index))) given++;
  expect(attacks.length).toBeGreaterThanOrEqual(60);
  expect(given).toBeGreaterThanOrEqual(20);
});
