import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { Gateway } from '../../src/gateway.ts';
import type { Era } from '../../src/protocol/era.ts';
import { createGateway } from '../fixtures/patient-gateway.ts';
import { exerciseServer } from '../zoo/exercise-server.ts';
import { judge } from '../zoo/judge.ts';
import servers from '../zoo/servers.json' with { type: 'json' };
import { showDifference } from '../zoo/show-difference.ts';
import { type Transcript, withoutFolder } from '../zoo/transcript.ts';
import type { Program, Target } from '../zoo/wire.ts';

interface Subject {
  readonly id: string;
  readonly main: string;
}

const require = createRequire(import.meta.url);

/** Those of the zoo's servers that are installed here in the version of its table; `npm run zoo` installs and asks them all. */
const SUBJECTS: readonly Subject[] = Object.entries(servers.npm).flatMap(([id, { package: name, version }]) => {
  const home = installedHome(name, version);
  return home === undefined ? [] : [{ id, main: join(home, 'dist/index.js') }];
});
const EXPECTED = ['everything', 'filesystem', 'memory'] as const;

let folder: string;
let gateway: Gateway;
let url: string;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'lockgate-zoo-'));
  const entries = SUBJECTS.flatMap((subject) =>
    (['2025', '2026'] as const).map(async (year) => [`${subject.id}-${year}`, await program(subject, year)] as const),
  );
  gateway = await createGateway(
    { gateway: { listen: '127.0.0.1:0' }, mcpServers: Object.fromEntries(await Promise.all(entries)) } as never,
    { startWindowMs: 60_000 },
  );
  await gateway.started();
  ({ url } = await gateway.listen());
});

afterAll(async () => {
  await gateway.close();
  await rm(folder, { recursive: true, force: true });
});

/** The program of a server with a folder of its own, the names of all equally long. */
async function program({ id, main }: Subject, way: string): Promise<Program> {
  const cwd = folderOf(id, way);
  await mkdir(cwd, { recursive: true });
  await writeFile(join(cwd, 'note.txt'), 'a note: é\nsecond line\n');
  const { args = [], env = {} } = entryOf(id);
  const put = (text: string): string => text.replaceAll('{scratch}', cwd);
  const own = Object.fromEntries(Object.entries(env).map(([name, value]) => [name, put(value)]));
  return {
    command: process.execPath,
    args: [main, ...args.map(put)],
    env: { PATH: process.env.PATH ?? '', HOME: cwd, ...own },
    cwd,
  };
}

async function heard(
  subject: Subject,
  way: string,
  era: Era,
  target: Target,
  canBeAsked: boolean,
): Promise<Transcript> {
  const cwd = folderOf(subject.id, way);
  const calls = JSON.parse(JSON.stringify(entryOf(subject.id).calls ?? []).replaceAll('{scratch}', cwd));
  return withoutFolder(await exerciseServer(target, era, { calls, canBeAsked }), cwd);
}

const folderOf = (id: string, way: string): string => join(folder, way, id);

type Entry = {
  readonly args?: readonly string[];
  readonly env?: Readonly<Record<string, string>>;
  readonly calls?: readonly unknown[];
};
const entryOf = (id: string): Entry => (servers.npm as Record<string, Entry>)[id] ?? {};

describe.each(SUBJECTS)('$id from npm', (subject) => {
  // A client of the 2026 era that lists roots has the server started for each of its requests: that is left to the zoo.
  test.each([
    ['2025', 'legacy', true],
    ['2026', 'modern', false],
  ] as const)(
    'answers a client of the %s era through the gateway as it answers directly',
    async (year, era, canBeAsked) => {
      const directly = async (way: string): Promise<Transcript> =>
        heard(subject, way, 'legacy', { kind: 'pipe', program: await program(subject, way) }, canBeAsked);
      // One after the other: clocks are not the same then.
      const direct = [await directly(`1${year.slice(1)}`), await directly(`3${year.slice(1)}`)] as const;
      const target = { kind: 'http', url: `${url}/${subject.id}-${year}` } as const;
      const { calls, failures } = judge({ legacy: direct }, era, await heard(subject, year, era, target, canBeAsked));
      expect(failures.map(showDifference).join('\n')).toBe('');
      expect(calls).toBeGreaterThanOrEqual(5);
    },
  );
});

test.for(EXPECTED)('%s is one of them', (id, { skip }) => {
  const isThere = SUBJECTS.some((subject) => subject.id === id);
  skip(!isThere, `the version of ${id} that the table of the zoo has is not installed`);
  expect(isThere).toBe(true);
});

/** Where a package is, if it is here in this version. */
function installedHome(name: string, version: string): string | undefined {
  try {
    const file = require.resolve(`${name}/package.json`);
    return (require(file) as { version: string }).version === version ? dirname(file) : undefined;
  } catch {
    return undefined;
  }
}
