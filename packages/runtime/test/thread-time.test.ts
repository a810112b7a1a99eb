import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';

test('what tells the time of a thread is an entry of its own that loads nothing else of the runtime', async () => {
  const entry = await import('@lockgate/runtime/thread-time');
  expect(Object.keys(entry).sort()).toEqual(['processorMs', 'threadNumber']);
  expect(entry.processorMs(0)).toBeNaN();
  const read = new Set<string>();
  const follow = (name: string): void => {
    if (read.has(name)) return;
    read.add(name);
    const text = readFileSync(new URL(`../dist/${name}`, import.meta.url), 'utf8');
    for (const [, from = ''] of text.matchAll(/from "([^"]+)"/g)) {
      if (from.startsWith('./')) follow(from.slice(2));
      else expect(from).toMatch(/^node:fs$/);
    }
  };
  follow('thread-time.js');
  expect(read.size).toBeLessThanOrEqual(3);
});
