// `npm start`, `npm test` and the other root scripts. Runs on any Node >= 20 with npm and nothing else: installs with
// the pinned pnpm, then works under the Node that the lockfile brought into node_modules.
import { existsSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { cache, handOver, root, stop } from './dev/process.mjs';
import { findPnpm, install } from './dev/toolchain.mjs';
import { turbo } from './dev/turbo.mjs';

const SERVE = ['serve', '--config', join(root, 'examples/quickstart/lockgate.json'), '--port-fallback'];
const FOR_SERVING = [
  '--filter=@lockgate/gateway...',
  '--filter=@lockgate-examples/plugins',
  '--filter=@lockgate-examples/guards',
];

const [task = 'start', ...args] = process.argv.slice(2);

const tasks = {
  start: () => lockgate([...SERVE, ...args]),
  lockgate: () => lockgate(args),
  test() {
    turbo(['build', 'build:native'], 'building');
    const file = join(cache, 'closing-line');
    rmSync(file, { force: true });
    handOver('vitest', ['run', ...args], {
      env: { CLOSING_LINE_FILE: file, LOCKGATE_IS_BUILT: 'yes', LOCKGATE_WHOLE_SUITE: args.length === 0 ? 'yes' : '' },
      done(code) {
        const line = existsSync(file) ? readFileSync(file, 'utf8') : '0 passed, 0 failed, 0 skipped';
        // A run that broke without a failed test still counts as one failure.
        const broke = `FAILED beside all tests: vitest ended with ${code}\n$1 passed, 1 failed`;
        console.log(code === 0 ? line : line.replace(/^(\d+) passed, 0 failed/m, broke));
      },
    });
  },
  bench() {
    turbo(['build', 'build:native'], 'building');
    handOver('node', ['--expose-gc', join(root, 'bench/run.ts'), ...args]);
  },
  hammer() {
    turbo(['build', 'build:native'], 'building');
    handOver('node', [join(root, 'bench/hammer.ts'), ...args]);
  },
  replicas() {
    turbo(['build', 'build:native'], 'building');
    handOver('node', [join(root, 'bench/replicas.ts'), ...args]);
  },
  soak() {
    turbo(['build', 'build:native'], 'building the packages and the example guests', FOR_SERVING);
    handOver('node', [join(root, 'scripts/soak.mjs'), ...args]);
  },
  build() {
    turbo(['build', 'build:native'], 'building', args);
  },
  lint: () => handOver('npm', ['run', '--silent', 'lint:root', '--', ...args]),
  typecheck: () => turbo(['typecheck', 'typecheck:root'], 'checking types', args),
  check() {
    turbo(['build', 'build:native'], 'building');
    turbo(['typecheck', 'typecheck:root', 'check:package'], 'checking types and packages', args);
    handOver('knip', []);
  },
  zoo: () => handOver('node', ['--conditions=@lockgate/source', join(root, 'scripts/zoo.mjs'), ...args]),
  release: () => handOver('node', [join(root, 'scripts/release.mjs'), ...args]),
  exec: () => handOver(args[0], args.slice(1), { cwd: process.env.INIT_CWD }),
};

/** Builds what is out of date and runs the program where the command was typed. */
function lockgate(argv) {
  turbo(['build', 'build:native'], 'building the packages and the example guests', FOR_SERVING);
  handOver('node', [join(root, 'packages/gateway/dist/main.js'), ...argv], { cwd: process.env.INIT_CWD });
}

findPnpm();
if (task === 'pnpm') handOver('pnpm', args, { cwd: process.env.INIT_CWD });
else {
  if (!Object.hasOwn(tasks, task)) stop(`unknown task "${task}"; known: ${Object.keys(tasks).join(', ')}, pnpm`);
  install();
  tasks[task]();
}
