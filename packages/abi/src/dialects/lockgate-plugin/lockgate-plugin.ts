import { stopAfterTrap } from '../../allocator.ts';
import { encodeHttpFailure } from '../../capabilities/http.ts';
import { insideMemory } from '../../capabilities/inside-memory.ts';
import { writeLogLine } from '../../capabilities/log-line.ts';
import type { BoundGuest, ConnectionSetup, GuestConnection, PluginDialect } from '../../dialect.ts';
import { type ExchangeGuest, place } from '../../exchange.ts';
import type { GuestMemory } from '../../guest-memory.ts';
import { packSpan, unpackSpan } from '../../span.ts';
import { spanCalls } from '../../span-calls.ts';
import { bindPlugin, PLUGIN_ALLOCATOR, PLUGIN_SIGNATURES } from './exports.ts';
import {
  decodeCompactSpecs,
  decodeConfigure,
  decodeExecute,
  decodeHealthy,
  decodeMetadata,
  decodeTools,
  encodeExecute,
  encodeSettings,
} from './messages.ts';

const noInput = (): undefined => undefined;

/** Plugins of version 1 of the plugin ABI. Source: ABI.md §1. */
export const lockgatePlugin: PluginDialect = {
  id: 'lockgate-plugin',
  title: 'plugin',
  role: 'plugin',
  guide: 'docs/writing-a-plugin.md',
  exports: Object.entries(PLUGIN_SIGNATURES).map(([name, signature]) => ({
    names: [name],
    signature,
    optional: name === 'compact_specs',
  })),
  allocator: PLUGIN_ALLOCATOR,
  imports: [
    { module: 'env', name: 'host_http_request', signature: '(i64) -> i64', capability: 'http' },
    { module: 'env', name: 'host_log', signature: '(i32, i32) -> ()', capability: 'log' },
  ],
  wasi: true,
  parks: true,
  memoryCeilingBytes: 256 * 1024 * 1024,
  codec: {
    name: { exportName: 'name', encode: noInput, decode: (answer: string) => answer },
    metadata: { exportName: 'metadata', encode: noInput, decode: decodeMetadata },
    tools: { exportName: 'tools', encode: noInput, decode: decodeTools },
    configure: { exportName: 'configure', encode: encodeSettings, decode: decodeConfigure },
    execute: { exportName: 'execute', encode: ({ tool, args }) => encodeExecute(tool, args), decode: decodeExecute },
    healthy: { exportName: 'healthy', encode: noInput, decode: decodeHealthy, answer: 'number' },
    compactSpecs: { exportName: 'compact_specs', encode: noInput, decode: decodeCompactSpecs },
  },
  connect,
};

function connect(setup: ConnectionSetup): GuestConnection {
  const { host } = setup;
  let guest: ExchangeGuest | undefined;
  const memory = (): GuestMemory => {
    if (!guest) throw new Error('a host function was called before the guest had its memory');
    return guest.memory;
  };
  return {
    imports: {
      env: {
        host_log: (pointer: number, byteLength: number) =>
          writeLogLine(host.log, memory(), 'info', pointer, byteLength),
        host_http_request: {
          // "Never traps the guest": a request that cannot be read is a failed one. ABI.md §1
          ask: (packed: bigint) => {
            const request = insideMemory(() => memory().readText(unpackSpan(packed)));
            return request === undefined
              ? encodeHttpFailure('bad-request', 'the request lies outside memory')
              : host.http(request);
          },
          finish: (response: string) => (guest ? respond(guest, response) : 0n),
        },
      },
    },
    bind(exports) {
      const bound = bindPluginGuest(exports, setup);
      guest = bound.guest;
      return bound;
    },
  };
}

function bindPluginGuest(
  exports: WebAssembly.Exports,
  setup: ConnectionSetup,
): BoundGuest & { readonly guest: ExchangeGuest } {
  const { maxMessageBytes, promising } = setup;
  const plugin = bindPlugin(exports, { maxMessageBytes, onLeak: () => stopAfterTrap(plugin.allocator) });
  const { memory, allocator, start } = plugin;
  const guest: ExchangeGuest = { memory, allocator, maxMessageBytes };
  const ask = spanCalls(guest, exports, setup);
  const healthy = promising ? promising(plugin.healthy) : plugin.healthy;
  return {
    guest,
    memory,
    allocator,
    ...(start ? { start: promising ? promising(start) : start } : {}),
    call: (exportName, input) => (exportName === 'healthy' ? healthy() : ask(exportName, input)),
  };
}

/** Puts a response into the guest; one that does not fit becomes a short failure, and span 0 where not even that does. */
function respond(guest: ExchangeGuest, response: string): bigint {
  const span =
    insideMemory(() => place(guest, response)) ??
    insideMemory(() =>
      place(guest, encodeHttpFailure('response-too-large', 'the response does not fit into the guest')),
    );
  return span === undefined ? 0n : packSpan(span);
}
