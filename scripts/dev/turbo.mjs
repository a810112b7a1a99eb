import { env, run, say, stop } from './process.mjs';

/** Runs turbo tasks quietly; what they printed is shown when one fails, or with DEBUG=1. */
export function turbo(tasks, saying, more = []) {
  say(`[3/3] ${saying}`);
  const done = run('turbo', ['run', ...tasks, ...more, '--output-logs=errors-only', '--log-order=grouped']);
  if (done.status !== 0) stop(`${done.stdout}${done.stderr}${done.error ?? ''}`, done.status);
  if (env.DEBUG) say(`${done.stdout}${done.stderr}`);
}
