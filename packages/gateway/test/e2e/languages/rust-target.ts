import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';

/** Why Rust cannot build for a target here; undefined where it can. */
export function whyMissingTarget(target: string): string | undefined {
  const { stdout } = spawnSync('rustc', ['--print', 'target-libdir', '--target', target], { encoding: 'utf8' });
  return existsSync((stdout ?? '').trim()) ? undefined : `rustc has no ${target}: rustup target add ${target}`;
}
