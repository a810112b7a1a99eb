import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

const FILES = { 'note.txt': 'a note: é\nsecond line\n', 'data.csv': 'a,b\n1,2\n' };
const DATE = '2026-01-01T00:00:00Z';

/** A folder below which each server has one of its own on each way, so that what it keeps on one is not there on the next. */
export function makeScratch() {
  const folder = mkdtempSync(join(tmpdir(), 'lockgate-zoo-'));
  let ways = 0;
  return {
    folder,
    /** Names are equally long: sizes that a server tells are the same on every way. */
    nextWay: () => join(folder, `way-${String(++ways).padStart(4, '0')}`),
    remove: () => rmSync(folder, { recursive: true, force: true, maxRetries: 3 }),
  };
}

/** Makes the folder of a server on one way, always with the same content. */
export function fill(folder, server) {
  mkdirSync(folder, { recursive: true });
  for (const [name, text] of Object.entries({ ...FILES, ...server.files })) writeFileSync(join(folder, name), text);
  if (!server.git) return;
  const env = { ...process.env, GIT_AUTHOR_DATE: DATE, GIT_COMMITTER_DATE: DATE, HOME: folder };
  const git = (...args) =>
    execFileSync('git', ['-c', 'user.name=zoo', '-c', 'user.email=zoo@x', ...args], { cwd: folder, env });
  git('init', '--quiet', '--initial-branch=main');
  git('add', '.');
  git('commit', '--quiet', '-m', 'first');
}
