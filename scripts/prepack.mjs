// `prepack` of every package: whoever packs gets what was just built, in a fresh clone too. Nothing goes to stdout, which
// belongs to `npm pack --json`. Inside turbo the build has been made already.
import { spawnSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';

if (!process.env.TURBO_HASH) {
  const dev = fileURLToPath(new URL('dev.mjs', import.meta.url));
  const done = spawnSync(process.execPath, [dev, 'build', `--filter=${process.env.npm_package_name}`], {
    stdio: ['ignore', 2, 2],
  });
  if (done.status !== 0) {
    console.error(`${process.env.npm_package_name} is not packed: it does not build; see above.`);
    process.exit(1);
  }
}
