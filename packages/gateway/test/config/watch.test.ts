import { mkdtemp, rename, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Gate } from '@lockgate/testkit';
import { describe, expect, test } from 'vitest';
import { watchConfig } from '../../src/config/watch.ts';

const newFile = async (): Promise<string> => {
  const file = join(await mkdtemp(join(tmpdir(), 'lockgate-watch-')), 'lockgate.json');
  await writeFile(file, '0');
  return file;
};

/** Counts how often a configuration is applied, and lets a test wait for the next time. */
function applications() {
  let count = 0;
  let next = Promise.withResolvers<void>();
  return {
    get count() {
      return count;
    },
    next: () => next.promise,
    apply: async () => {
      count++;
      next.resolve();
      next = Promise.withResolvers();
    },
  };
}

describe('watching configuration files', () => {
  test('sees a file that is written, and one that is put in its place', async () => {
    const file = await newFile();
    const seen = applications();
    const watch = watchConfig({ files: [file], apply: seen.apply, onError: () => {}, pollIntervalMs: 5 });
    let next = seen.next();
    await writeFile(file, 'longer');
    await next;
    next = seen.next();
    await writeFile(`${file}.new`, 'longer still');
    await rename(`${file}.new`, file);
    await next;
    await watch.close();
    expect(seen.count).toBeGreaterThanOrEqual(2);
  });

  test('goes on after a configuration that could not be applied', async () => {
    const file = await newFile();
    const errors: unknown[] = [];
    const failed = Promise.withResolvers<void>();
    const seen = applications();
    let broken = true;
    const watch = watchConfig({
      files: [file],
      apply: () => (broken ? Promise.reject(new Error('broken')) : seen.apply()),
      onError: (error) => {
        errors.push(error);
        failed.resolve();
      },
      pollIntervalMs: 5,
    });
    await writeFile(file, 'broken');
    await failed.promise;
    broken = false;
    const next = seen.next();
    await writeFile(file, 'repaired!');
    await next;
    await watch.close();
    expect(errors).not.toEqual([]);
  });

  test('never applies two at once, and applies what came meanwhile afterwards', async () => {
    const [one, two] = [await newFile(), await newFile()];
    const gate = new Gate();
    let running = 0;
    let most = 0;
    let applied = 0;
    const second = Promise.withResolvers<void>();
    const apply = async (): Promise<void> => {
      if (++applied === 2) second.resolve();
      most = Math.max(most, ++running);
      await gate.pass();
      running--;
    };
    const watch = watchConfig({ files: [one, two], apply, onError: () => {}, pollIntervalMs: 5 });
    await writeFile(one, 'changed');
    await gate.reached;
    // Another watcher as quick as the one under test: once it has seen two changes, that one has seen the first.
    const other = applications();
    const witness = watchConfig({ files: [two], apply: other.apply, onError: () => {}, pollIntervalMs: 5 });
    for (const text of ['changed', 'changed again']) {
      const noticed = other.next();
      await writeFile(two, text);
      await noticed;
    }
    await witness.close();
    expect({ applied, running }).toEqual({ applied: 1, running: 1 });
    gate.open();
    await second.promise;
    await watch.close();
    expect({ running, most }).toEqual({ running: 0, most: 1 });
  });

  test('stopping waits for the one that runs', async () => {
    const file = await newFile();
    const gate = new Gate();
    let ended = false;
    const apply = async (): Promise<void> => {
      await gate.pass();
      ended = true;
    };
    const watch = watchConfig({ files: [file], apply, onError: () => {}, pollIntervalMs: 5 });
    await writeFile(file, 'changed');
    await gate.reached;
    const stopped = watch.close();
    gate.open();
    await stopped;
    expect(ended).toBe(true);
  });
});
