// Run by every Node that the package supports, against the built packages. Prints what happened, as JSON.
import { readFileSync } from 'node:fs';
import { createLoader } from '@lockgate/loader';
import { createRuntime } from '@lockgate/runtime';

const [first, second, broken] = readFileSync(0, 'utf8')
  .split('\n')
  .map((line) => Buffer.from(line, 'base64'));
const outcome = { node: process.versions.node };
for (const isolation of ['worker', 'inline']) {
  const runtime = await createRuntime({ isolation });
  const loader = createLoader({ runtime });
  const plugin = await loader.load(first, { name: 'plugin' });
  const before = (await plugin.metadata()).version;
  await loader.reload('plugin', second);
  const rejected = await loader.reload('plugin', broken).catch((error) => error.code);
  outcome[isolation] = { before, after: (await plugin.metadata()).version, rejected };
  await loader.close();
  await runtime.close();
}
console.log(JSON.stringify(outcome));
