import { execFile } from 'node:child_process';
import { access, mkdir, rename, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';

const run = promisify(execFile);
const cache = new URL('../../../node_modules/.cache/python/', import.meta.url).pathname;

/** How long an installation may take, in milliseconds. */
const INSTALL_MS = 180_000;

/** One version of a Python package, ready to be run; or why it is not there. */
export type PythonEnvironment = { readonly python: string } | { readonly missing: string };

/** Where Python keeps what it has compiled. */
export const BYTECODE = join(cache, 'bytecode');

/** Installs pinned packages from PyPI into an environment of their own, once for each checkout. */
export async function pythonWith(requirement: string, ...pins: readonly string[]): Promise<PythonEnvironment> {
  const home = join(cache, [requirement, ...pins].sort().join('+'));
  const python = join(home, 'bin/python');
  if (
    await access(python).then(
      () => true,
      () => false,
    )
  )
    return { python };
  try {
    await run('python3', ['--version']);
  } catch {
    return { missing: 'there is no python3' };
  }
  const making = `${home}.${process.pid}`;
  try {
    await mkdir(cache, { recursive: true });
    await run('python3', ['-m', 'venv', '--without-pip', making]);
    const options = ['--quiet', '--no-compile', '--no-input', '--disable-pip-version-check', '--retries', '1'];
    const pip = ['-m', 'pip', '--python', join(making, 'bin/python'), 'install', ...options, requirement, ...pins];
    await run('python3', pip, { timeout: INSTALL_MS });
    await rename(making, home);
    return { python };
  } catch (error) {
    await rm(making, { recursive: true, force: true, maxRetries: 10 }); // what pip has started may still write
    const [line = ''] = String((error as { stderr?: string }).stderr || error)
      .trim()
      .split('\n')
      .slice(-1);
    return { missing: `pip could not install ${requirement}: ${line}` };
  }
}
