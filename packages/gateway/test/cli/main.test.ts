import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { closeSync, existsSync, openSync, readFileSync } from 'node:fs';
import { text } from 'node:stream/consumers';
import { fileURLToPath } from 'node:url';
import { describe, expect, test } from 'vitest';

const MAIN = fileURLToPath(new URL('../../src/cli/main.ts', import.meta.url));

/** Runs the program on a Node that says it is of this version. */
function runOn(version: string) {
  const disguise = `Object.defineProperty(process, 'versions', { value: { ...process.versions, node: '${version}' } })`;
  const { status, stdout, stderr } = spawnSync(
    process.execPath,
    ['--conditions=@lockgate/source', '--import', `data:text/javascript,${disguise}`, MAIN, '--version'],
    { encoding: 'utf8' },
  );
  return { status, stdout, stderr };
}

describe('the program', () => {
  test.each(['12.22.12', '20.20.2', '22.18.0'])('on Node %s says which Node it needs, in one sentence', (version) => {
    expect(runOn(version)).toEqual({
      status: 1,
      stdout: '',
      stderr: `lockgate needs Node 22.19 or newer, and this is Node ${version}: take a newer one from https://nodejs.org/en/download.\n`,
    });
  });

  test.each(['22.19.0', '24.0.0', '30.1.0'])('on Node %s does what it is told', (version) => {
    expect(runOn(version)).toEqual({ status: 0, stdout: expect.stringMatching(/^\d+\.\d+\.\d+\n$/), stderr: '' });
  });

  test('whose output nobody reads any more ends in silence', async () => {
    const child = spawn(process.execPath, ['--conditions=@lockgate/source', MAIN, 'config', 'schema']);
    child.stdout.destroy();
    const [said, [code]] = await Promise.all([text(child.stderr), once(child, 'close')]);
    expect({ code, said }).toEqual({ code: 0, said: '' });
  });

  test.skipIf(!existsSync('/dev/full'))('whose output cannot be written says why, without a stack', () => {
    const full = openSync('/dev/full', 'w');
    const { status, stderr } = spawnSync(
      process.execPath,
      ['--conditions=@lockgate/source', MAIN, 'config', 'schema'],
      { encoding: 'utf8', stdio: ['ignore', full, 'pipe'] },
    );
    closeSync(full);
    expect(status).toBe(1);
    expect(stderr).toMatch(/^error: cannot write to stdout: ENOSPC.*\n$/);
  });

  test('needs the Node that its package asks for', () => {
    const { engines } = JSON.parse(readFileSync(new URL('../../package.json', import.meta.url), 'utf8'));
    expect(readFileSync(MAIN, 'utf8')).toContain(`NEEDED = '${engines.node.replace('>=', '')}'`);
  });
});
