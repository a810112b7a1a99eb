import {
  guardGuest,
  missingExportGuest,
  refusingGuest,
  trappingGuard,
  trappingGuest,
  unhealthyGuest,
  wrongAbiVersionGuest,
} from '@lockgate/testkit';
import { linesProgram } from '../../fixtures/lines-program.ts';
import { renamedExport } from '../../fixtures/renamed-export.ts';
import type { EntrySetUp } from './entry-set-up.ts';

/** The modules that the set-ups name. */
export const GUEST_FILES: Readonly<Record<string, Uint8Array | string>> = {
  'text.wasm': 'no module',
  'guard.wasm': guardGuest(),
  'missing.wasm': missingExportGuest({ missing: 'execute' }),
  'version.wasm': wrongAbiVersionGuest(),
  'refusing.wasm': refusingGuest(),
  'unhealthy.wasm': unhealthyGuest(),
  'program.wasm': renamedExport(trappingGuest({ in: 'tools' }), 'compact_specs', '_start'),
  'trapping.wasm': trappingGuest({ in: 'tools' }),
  'policy.wasm': guardGuest({ answers: { label_agent: { error: 'unknown rule "repo"' } } }),
  'trap-guard.wasm': trappingGuard({ in: 'label_agent' }),
};

/** Guards, by the names that entries give them. */
export const GUARDS = { policy: { path: 'policy.wasm' }, trap: { path: 'trap-guard.wasm' } };

const plugin = (path: string, more: object = {}) => ({ section: 'plugins' as const, entry: () => ({ path, ...more }) });
const server = { command: process.execPath, args: ['-e', linesProgram('')] };

/** Plugins and guards, and why they cannot be used. */
export const GUESTS: readonly EntrySetUp[] = [
  {
    what: 'a plugin that was not built',
    ...plugin('none.wasm'),
    cause: 'there is no such file',
    remedy: 'build the guest',
  },
  {
    what: 'a plugin that is no module',
    ...plugin('text.wasm'),
    cause: 'Not a readable WebAssembly module',
    remedy: 'give a WebAssembly module or a component',
  },
  {
    what: 'a guard given as a plugin',
    ...plugin('guard.wasm'),
    cause: 'it is a guard, not a plugin',
    remedy: '"guards"',
  },
  { what: 'a plugin without an export', ...plugin('missing.wasm'), cause: 'execute', remedy: 'export what is missing' },
  {
    what: 'another file than the one that was meant',
    ...plugin('trapping.wasm', { sha256: '0'.repeat(64) }),
    cause: 'not the one of "sha256"',
    remedy: 'find out where it comes from',
  },
  { what: 'a plugin of another ABI', ...plugin('version.wasm'), cause: 'ABI version 2', remedy: 'rebuild the guest' },
  {
    what: 'settings that a plugin refuses',
    ...plugin('refusing.wasm', { settings: { key: 'do not show me' } }),
    cause: 'the key is wrong',
    remedy: 'correct its "settings"',
  },
  {
    what: 'a plugin that is not healthy',
    ...plugin('unhealthy.wasm', { requireHealthy: true }),
    cause: 'says that it is not healthy',
    remedy: 'check its settings',
  },
  { what: 'a plugin that traps', ...plugin('trapping.wasm'), cause: 'trapped in "tools"', remedy: 'mend and build' },
  {
    what: 'a plugin that was built as a program',
    ...plugin('program.wasm'),
    cause: 'trapped in "tools"',
    remedy: 'build it as a reactor (Go: -buildmode=c-shared',
  },
  {
    what: 'a policy that a guard refuses',
    entry: () => ({ ...server, guard: 'policy', 'guard-policies': { 'allow-only': { rules: {} } } }),
    ofGuard: true,
    cause: 'unknown rule "repo"',
    remedy: 'correct "guard-policies"',
  },
  {
    what: 'a guard that traps',
    entry: () => ({ ...server, guard: 'trap' }),
    ofGuard: true,
    cause: 'trapped in "label_agent"',
    remedy: 'mend and build',
  },
];
