import { open } from 'node:fs/promises';
import { createServer, type Server } from 'node:net';
import { Worker } from 'node:worker_threads';
import { describe, expect, test } from 'vitest';
import { leakCheck } from '../../src/index.ts';

describe('leakCheck', () => {
  test('accepts what cleans up after itself', async () => {
    await leakCheck(async () => {
      const worker = new Worker('', { eval: true });
      await new Promise((resolve) => worker.once('exit', resolve));
      await using file = await open(import.meta.filename);
      await file.stat();
      clearTimeout(setTimeout(() => undefined, 1_000_000));
    });
  });

  test('names a timer, a listener, a server and a worker that were left', async () => {
    const timers: NodeJS.Timeout[] = [];
    await expect(
      leakCheck(async () => {
        timers.push(setInterval(() => undefined, 1_000_000));
      }),
    ).rejects.toThrow('left behind: 1 Timeout');
    timers.forEach(clearInterval);

    const listener = (): void => undefined;
    await expect(
      leakCheck(async () => {
        process.on('beforeExit', listener);
      }),
    ).rejects.toThrow("left behind: 1 process.on('beforeExit')");
    process.removeAllListeners('beforeExit');

    const servers: Server[] = [];
    await expect(
      leakCheck(async () => {
        const server = createServer();
        servers.push(server);
        await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
      }),
    ).rejects.toThrow('left behind: 1 TCPSERVERWRAP');
    for (const server of servers) server.close();

    const workers: Worker[] = [];
    await expect(
      leakCheck(async () => {
        const worker = new Worker('setInterval(() => undefined, 1_000_000)', { eval: true });
        workers.push(worker);
        await new Promise((resolve) => worker.once('online', resolve));
      }),
    ).rejects.toThrow('left behind: 1 Worker');
    await Promise.all(workers.map((worker) => worker.terminate()));
  });
});
