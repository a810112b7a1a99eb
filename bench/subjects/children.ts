import type { ChildProcess } from 'node:child_process';

/** The programs run with the flags of the runner, so that all of them run from source or all as built. */
export const nodeFlags: readonly string[] = [
  ...process.execArgv.filter((flag) => flag !== '--expose-gc'),
  '--no-warnings',
];

const living = new Set<ChildProcess>();
process.on('exit', () => {
  for (const child of living) child.kill('SIGKILL');
});

/** Sees to it that the child ends when the runner does, however that ends. */
export function keepChild<Child extends ChildProcess>(child: Child): Child {
  living.add(child);
  child.once('exit', () => living.delete(child));
  return child;
}
