import { once } from 'node:events';
import { readFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import type { Worker } from 'node:worker_threads';
import { expect, test } from 'vitest';
import { ScriptThread } from '../../src/script/script-thread.ts';

test('a thread that says it is ready while it is being ended is given no script', async () => {
  const engine = await WebAssembly.compile(
    await readFile(fileURLToPath(import.meta.resolve('@jitl/quickjs-wasmfile-release-sync/wasm'))),
  );
  let worker: Worker | undefined;
  process.once('worker', (made: Worker) => {
    worker = made;
  });
  const heard: string[] = [];
  const { promise: gone, resolve } = Promise.withResolvers<void>();
  const thread = new ScriptThread(
    { engine, maxMemoryBytes: 2 ** 24 },
    () => void heard.push('ready'),
    () => resolve(),
  );
  await new Promise(process.nextTick);
  await once(worker as Worker, 'online');
  // It waits for a script by now, and has said so; nothing of that is heard before this turn is over.
  while ((worker?.performance.eventLoopUtilization().idle ?? 0) < 300);
  void thread.close();
  await gone;
  expect(heard).toEqual([]);
});
