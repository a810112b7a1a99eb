import { readFileSync } from 'node:fs';

/** What a file of this example says. */
export function read(name: string): string {
  return readFileSync(new URL(`../${name}`, import.meta.url), 'utf8');
}
