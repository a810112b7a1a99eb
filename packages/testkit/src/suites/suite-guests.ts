import { echoGuest } from '../guests/catalog/echo.ts';
import { stackLeakingGuest, trappingGuest } from '../guests/catalog/faults.ts';
import { missingExportGuest, talkativeGuest, unhealthyGuest, versionGuest } from '../guests/catalog/shapes.ts';
import type { SuiteGuest } from '../subjects.ts';

const BUILD: Readonly<Record<SuiteGuest, () => Uint8Array<ArrayBuffer>>> = {
  'fetch-echo': () => echoGuest({ http: true }),
  talkative: () => talkativeGuest({ http: true }),
  trapping: () => trappingGuest({ http: true }),
  leaky: () => trappingGuest({ in: 'free', http: true }),
  'stack-leaking': () => stackLeakingGuest(),
  'version A': () => versionGuest('A', { http: true }),
  'version B': () => versionGuest('B', { http: true }),
  'version C': () => versionGuest('C', { http: true }),
  unhealthy: () => unhealthyGuest({ http: true }),
  garbage: () => new TextEncoder().encode('this is no module'),
  'traps at start': () => trappingGuest({ in: '_initialize', http: true }),
  incomplete: () => missingExportGuest({ missing: 'tools', http: true }),
};

const built = new Map<SuiteGuest, Uint8Array<ArrayBuffer>>();

/** The bytes of a guest that suites run; a copy each time, so that no subject can spoil another's. */
export function suiteGuest(guest: SuiteGuest): Uint8Array<ArrayBuffer> {
  const bytes = built.get(guest) ?? BUILD[guest]();
  built.set(guest, bytes);
  return bytes.slice();
}
