import { readFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { describe, expect, test } from 'vitest';
import { ceilingCounts } from '../../src/ceilings.ts';
import { createProgram } from '../../src/cli/whole-program.ts';
import { CLIENTS } from '../../src/clients/clients.ts';
import { configJsonSchema } from '../../src/config/json-schema.ts';
import { parseConfigText } from '../../src/config/load.ts';
import { resolveConfig } from '../../src/config/resolve.ts';
import { SETTINGS, variableName } from '../../src/config/settings.ts';
import { schemaTables } from './schema-table.ts';

const pathOf = (name: string): string => fileURLToPath(new URL(`../../../../docs/${name}`, import.meta.url));
const page = (name: string): Promise<string> => readFile(pathOf(name), 'utf8');

test('the page of every key is what the schema says (vitest -u writes it)', async () => {
  const head =
    '# Every key of lockgate.json\n\nWritten from the schema; what the keys are for is in [configuration.md](configuration.md). ' +
    '`lockgate config schema` prints\nthe same as JSON Schema, for editors.\n\n';
  await expect(head + schemaTables(configJsonSchema())).toMatchFileSnapshot(pathOf('configuration-keys.md'));
});

test('the page of the command line names every command and flag', async () => {
  const text = await page('cli.md');
  const missing: string[] = [];
  const walk = (command: ReturnType<typeof createProgram>, path: string): void => {
    for (const child of command.commands.filter((candidate) => candidate.name() !== 'help')) {
      if (child.commands.length === 0 && !text.includes(`${path} ${child.name()}`))
        missing.push(`${path} ${child.name()}`);
      for (const { long, hidden } of child.options)
        if (!hidden && !text.includes(`\`${long}`)) missing.push(`${child.name()} ${long}`);
      walk(child, `${path} ${child.name()}`);
    }
  };
  walk(createProgram(undefined as never), 'lockgate');
  expect(missing).toEqual([]);
});

test('the page of the configuration names every setting with its variable', async () => {
  const text = await page('configuration.md');
  expect(SETTINGS.filter(({ name }) => !text.includes(`\`${variableName(name)}\``)).map(({ name }) => name)).toEqual(
    [],
  );
});

test('the README counts the clients whose files init finds', async () => {
  const machine = { home: '/home/me', platform: 'linux', environment: {}, folder: '/work' } as const;
  const found = CLIENTS.filter((client) => client.places(machine).length > 0);
  const more = ['seven', 'eight', 'nine', 'ten'][found.length - 5 - 7];
  expect(await readFile(pathOf('../README.md'), 'utf8')).toContain(
    `Claude Desktop and Code, VS Code, Cursor, Codex and ${more} more`,
  );
});

test('the page of reliability names every ceiling that is counted', async () => {
  const text = await page('reliability.md');
  expect([...ceilingCounts.keys()].filter((ceiling) => !text.includes(`\`${ceiling}\``))).toEqual([]);
});

describe.each([
  'configuration.md',
  'security-and-auth.md',
  'permissions.md',
  'rates-and-quotas.md',
  'approvals.md',
  'pins.md',
  'observability.md',
])('every configuration shown in %s can be used', async (name) => {
  const blocks = [...(await page(name)).matchAll(/```(?:jsonc|yaml)\n(.*?)```/gs)].map(([, text]) => text as string);
  test.each(blocks.map((text, index) => [index + 1, text] as const))('block %i', async (_, text) => {
    const given = { text: await parseConfigText(text, name), folder: '/', flags: {}, workingFolder: '/' };
    expect(() => resolveConfig({ ...given, environment: valuesFor(text) })).not.toThrow();
  });
});

/** A value for every variable that a text refers to. */
function valuesFor(text: string): Record<string, string> {
  return Object.fromEntries([...text.matchAll(/\$\{(?:env:)?(\w+)/g)].map(([, name]) => [name, 'x'.repeat(40)]));
}
