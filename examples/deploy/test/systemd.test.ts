import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { read } from './read-file.ts';

/** Of 100, by `systemd-analyze security`; below 20 it calls a unit "OK". */
const MOST_EXPOSED = 20;

const isThere = spawnSync('systemd-analyze', ['--version']).status === 0;
if (!isThere) console.log('skipped: systemd-analyze is not installed here, which verifies units');

describe.skipIf(!isThere)('the systemd unit', () => {
  let folder: string;
  let unit: string;

  beforeAll(() => {
    folder = mkdtempSync(join(tmpdir(), 'lockgate-unit-'));
    unit = join(folder, 'lockgate.service');
    // What is not installed here would be a finding.
    writeFileSync(unit, read('lockgate.service').replace(/^ExecStart=\S+/m, 'ExecStart=/bin/true'));
  });

  afterAll(() => rmSync(folder, { recursive: true }));

  test('is verified without a finding', () => {
    const { stdout, stderr } = spawnSync('systemd-analyze', ['verify', '--man=no', unit], { encoding: 'utf8' });
    const findings = `${stdout}${stderr}`.split('\n').filter((line) => line.includes('lockgate.service'));
    expect(findings).toEqual([]);
  });

  test('would be found fault with where a setting is misspelt', () => {
    const misspelt = join(folder, 'misspelt.service');
    writeFileSync(misspelt, read('lockgate.service').replace('ProtectHome=', 'ProtectHouse='));
    const { stderr } = spawnSync('systemd-analyze', ['verify', '--man=no', misspelt], { encoding: 'utf8' });
    expect(stderr).toContain('ProtectHouse');
  });

  test('leaves little exposed', () => {
    const args = ['security', '--offline=true', `--threshold=${MOST_EXPOSED}`, '--no-pager', unit];
    const { stdout, stderr, status } = spawnSync('systemd-analyze', args, { encoding: 'utf8' });
    expect(status, `${stdout}${stderr}`).toBe(0);
  });
});

test('the systemd unit is reloaded by SIGHUP, and says that it is ready to nobody', () => {
  const lines = read('lockgate.service').split('\n');
  expect(lines).toContain('ExecReload=/bin/kill -HUP $MAINPID');
  expect(lines).toContain('Type=exec');
});
