// Replaces a plugin while a call runs on it, and goes back.
import { readFile } from 'node:fs/promises';
import { nameModule } from '@lockgate/abi';
import { createLoader } from '@lockgate/loader';
import { createRuntime } from '@lockgate/runtime';

const runtime = await createRuntime();
const loader = createLoader({ runtime });
loader.on('reloaded', ({ name, generation, cause }) => console.log(`${cause}: generation ${generation} of ${name}`));

const hello = await readFile(new URL(import.meta.resolve('@lockgate/abi/guest/hello.wasm')));
const plugin = await loader.load(hello, { name: 'mine' });
const running = plugin.execute('greet', { who: 'first version' });
await loader.reload('mine', nameModule(hello, 'hello 2')); // other bytes; nobody waits, no call is lost
console.log((await running).data, (await plugin.execute('greet', { who: 'second version' })).data);
await loader.rollback('mine');
await loader.close().then(() => runtime.close());
