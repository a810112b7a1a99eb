import { mkdirSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { expect, test } from 'vitest';
import { programOf } from '../guarded-files.ts';
import { newGuest } from './new-guest.ts';

const compiler = dirname(
  createRequire(new URL('../../../../../examples/guards/', import.meta.url)).resolve('assemblyscript/package.json'),
);

/** What npm would install is here already; a release is tried with the registry: scripts/released.mjs. */
function installedGuard() {
  const guest = newGuest(['guard', 'notes-guard'], 'npm() { [ "$1" = install ] || command npm "$@"; }');
  const modules = join(guest.folder, 'node_modules');
  mkdirSync(join(modules, '.bin'), { recursive: true });
  symlinkSync(compiler, join(modules, 'assemblyscript'));
  symlinkSync(join(compiler, 'bin/asc.js'), join(modules, '.bin/asc'));
  symlinkSync(programOf('@modelcontextprotocol/server-memory'), join(modules, '.bin/mcp-server-memory'));
  return guest;
}

/** The build of a package, without optimisation, which takes most of its time. */
function compile(manifest: string): string {
  return `npx ${JSON.parse(manifest).scripts.build.replace(' -O3', '')}`;
}

test('a new guard builds, is usable, and lets through what is public by the commands of its README', () => {
  const { buildCommands, lockgateCommands, run, read, folder } = installedGuard();
  run(...buildCommands);
  const said = run(...lockgateCommands);
  expect(said).toContain('notes-guard.wasm: guard, usable');
  expect(said).toMatch(/^verdict +filtered$/m);
  expect(said).toContain('opening hours');
  expect(said).not.toContain('door code');
  const config = read('lockgate.json').replace(
    '"mode": "filter"',
    '"mode": "filter", "agent": { "secrecy": ["private:memory"] }',
  );
  writeFileSync(join(folder, 'lockgate.json'), config);
  const [, tryIt = ''] = lockgateCommands;
  expect(run(tryIt)).toMatch(/^verdict +allowed$[\s\S]*"door code"/m);
});

test('a guard may import the guard SDK alone', () => {
  const { buildCommands, folder, run, read } = installedGuard();
  writeFileSync(
    join(folder, 'assembly/notes-guard.ts'),
    `import { Labels, rejection, request, resourceAnswer, respond } from './guard-sdk';
export { alloc, dealloc } from './guard-sdk';
export function label_agent(at: usize, length: usize, out: usize, capacity: i32): i32 {
  return respond('{"agent":{"secrecy":[],"integrity":[]},"difc_mode":"strict"}', out, capacity);
}
export function label_resource(at: usize, length: usize, out: usize, capacity: i32): i32 {
  if (request(at, length).at('tool_name').text == '') return respond(rejection('no tool'), out, capacity);
  return respond(resourceAnswer('anything', new Labels(), 'read'), out, capacity);
}
export function label_response(at: usize, length: usize, out: usize, capacity: i32): i32 { return 0; }
`,
  );
  const build = buildCommands.map((command) => command.replace(/^npm run build$/, compile(read('package.json'))));
  expect(run(...build, 'lockgate inspect notes-guard.wasm')).toContain('notes-guard.wasm: guard, usable');
});

test('the SDK of the guard’s folder is that of the plugin’s', () => {
  const sdkOf = (kind: string): string =>
    readFileSync(new URL(`../../../../../examples/${kind}/assemblyscript/assembly/sdk.ts`, import.meta.url), 'utf8');
  expect(sdkOf('guards')).toBe(sdkOf('plugins'));
});
