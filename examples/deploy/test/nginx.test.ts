import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { read } from './read-file.ts';

const PROGRAM = ['nginx', '/usr/sbin/nginx'].find((name) => spawnSync(name, ['-v']).status === 0);
if (PROGRAM === undefined) console.log('skipped: nginx is not installed here (Debian: apt-get install nginx-light)');

test.skipIf(PROGRAM === undefined)('nginx takes its configuration', () => {
  const folder = mkdtempSync(join(tmpdir(), 'lockgate-nginx-'));
  try {
    // The name of the service is known in its network alone.
    const site = read('nginx.conf')
      .replace('lockgate:3000', '127.0.0.1:3001')
      .replace('listen 3000', `listen unix:${folder}/socket`);
    const temporary = ['client_body', 'proxy', 'fastcgi', 'uwsgi', 'scgi'].map(
      (name) => `${name}_temp_path ${folder}/${name};`,
    );
    const whole = `pid ${folder}/pid; error_log stderr; events {} http { access_log off; ${temporary.join(' ')} ${site} }`;
    writeFileSync(join(folder, 'nginx.conf'), whole);
    const { stderr, status } = spawnSync(PROGRAM ?? '', ['-t', '-p', folder, '-c', join(folder, 'nginx.conf')], {
      encoding: 'utf8',
    });
    expect({ stderr, status }).toMatchObject({ status: 0 });
  } finally {
    rmSync(folder, { recursive: true });
  }
});
