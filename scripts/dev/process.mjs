import { spawn, spawnSync } from 'node:child_process';
import { constants } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

export const root = dirname(dirname(dirname(fileURLToPath(import.meta.url))));
export const bin = join(root, 'node_modules/.bin');
export const cache = join(root, 'node_modules/.cache/dev');

/** The environment of every child: nothing phones home, nothing adds a notice behind the closing line. */
export const env = {
  ...process.env,
  DO_NOT_TRACK: '1',
  TURBO_TELEMETRY_DISABLED: '1',
  NO_UPDATE_NOTIFIER: '1',
  npm_config_update_notifier: 'false',
  npm_config_fund: 'false',
  npm_config_audit: 'false',
};
if (!process.stdout.isTTY && !env.FORCE_COLOR) env.NO_COLOR = '1';

/** Progress goes to stderr; stdout belongs to the program that is started. */
export const say = (text) => process.stderr.write(`${text.trim()}\n`);

/** Ends with a message; a test run that never started still ends with its closing line. */
export function stop(text, code = 1) {
  say(text);
  if (process.argv[2] === 'test') console.log('0 passed, 1 failed, 0 skipped');
  process.exit(code || 1);
}

export const run = (command, argv, options) =>
  spawnSync(command, argv, { cwd: root, env, encoding: 'utf8', maxBuffer: 1 << 28, ...options });

/** Runs the last command on our stdio; its exit code becomes ours, our signals become its. */
export function handOver(command, argv, { done, cwd = root, env: more } = {}) {
  const child = spawn(command, argv, { cwd, env: { ...env, ...more }, stdio: 'inherit' });
  // A terminal sends SIGINT to the whole group: the child has it already.
  process.on('SIGINT', () => process.stdin.isTTY || child.kill('SIGINT'));
  for (const signal of ['SIGTERM', 'SIGHUP']) process.on(signal, () => child.kill(signal));
  child.on('error', (error) => stop(`${command}: ${error.message}`));
  child.on('exit', (code, signal) => {
    done?.(code);
    process.exit(code ?? 128 + (constants.signals[signal] ?? 0));
  });
}
