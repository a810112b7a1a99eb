// Replaces a plugin while a call runs on it, and goes back.
import { createLoader } from '@lockgate/loader';
import { createRuntime } from '@lockgate/runtime';

await using runtime = await createRuntime();
await using loader = createLoader({ runtime });
loader.on('reloaded', ({ name, generation, cause }) => console.log(`${cause}: generation ${generation} of ${name}`));

const plugins = new URL('../plugins/dist/', import.meta.url);
const plugin = await loader.load(new URL('hello.wasm', plugins), { name: 'mine', watch: true });
const running = plugin.execute('greet', { who: 'world' });
await loader.reload('mine', new URL('textkit.wasm', plugins)); // nobody waits, no call is lost
console.log((await running).data, (await plugin.execute('slugify', { text: 'New calls, new version' })).data);
await loader.rollback('mine');
