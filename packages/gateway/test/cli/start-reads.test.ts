import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { build, type Metafile } from 'esbuild';
import { beforeAll, describe, expect, test } from 'vitest';

const home = new URL('../../', import.meta.url).pathname;
/** What is loaded by `lockgate serve` before it listens. */
const START = ['src/cli/start.ts', 'src/observe/logging.ts', 'src/gateway.ts'];

/** What is imported by the way, and always. */
const AT_START = /^(?:v8-flags|start|logging|gateway|console)-/;

let inputs: Metafile['inputs'];

beforeAll(async () => {
  const options = { bundle: true, splitting: true, write: false, metafile: true, packages: 'external' } as const;
  const built = await build({
    ...options,
    absWorkingDir: home,
    entryPoints: [join(home, 'src/cli/main.ts')],
    outdir: join(home, 'dist'),
    platform: 'node',
    format: 'esm',
  });
  inputs = built.metafile.inputs;
});

/** The files and packages that these files import, without what is imported when somebody needs it. */
function readBy(...files: readonly string[]): Set<string> {
  const read = new Set<string>();
  const follow = (file: string): void => {
    if (read.has(file)) return;
    read.add(file);
    for (const { path, kind } of inputs[file]?.imports ?? []) if (kind !== 'dynamic-import') follow(path);
  };
  for (const file of files) follow(file);
  return read;
}

describe('lockgate serve reads at its start', () => {
  test('no command but its own', () => {
    const program = readFileSync(join(home, 'src/cli/whole-program.ts'), 'utf8');
    const commands = [...program.matchAll(/^import \{ add\w+ \} from '\.\/(.+)';$/gm)].map(
      ([, name]) => `src/cli/${name}`,
    );
    expect(commands.length).toBeGreaterThan(20);
    const read = readBy(...START);
    expect(commands.filter((file) => read.has(file))).toEqual(['src/cli/serve.ts']);
  });

  test('nothing that reads, runs or keeps modules', () => {
    const read = [...readBy(...START)];
    expect(read.filter((path) => path.startsWith('@lockgate/'))).toEqual(['@lockgate/abi/without-guests']);
  });

  test('few files: what is loaded together is built together', () => {
    const read = new Set<string>();
    const follow = (file: string): void => {
      if (read.has(file)) return;
      read.add(file);
      const text = readFileSync(join(home, 'dist', file), 'utf8');
      for (const [, other = ''] of text.matchAll(/(?:from|^import) "\.\/([^"]+\.js)"/gm)) follow(other);
      for (const [, other = ''] of text.matchAll(/\bimport\("\.\/([^"]+\.js)"\)/g))
        if (AT_START.test(other)) follow(other);
    };
    follow('main.js');
    expect([...read].filter((file) => AT_START.test(file)).length).toBeGreaterThan(5);
    expect(read.size).toBeLessThan(65);
  });
});
