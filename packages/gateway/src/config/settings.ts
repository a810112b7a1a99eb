import type { Place } from './place.ts';

/** A setting of the gateway that a flag and an environment variable can give as well as the file. */
export interface Setting {
  /** `log-dir` is the flag `--log-dir` and the variable `MCP_GATEWAY_LOG_DIR`. */
  readonly name: string;
  readonly place: Place;
  readonly kind: 'text' | 'path' | 'duration' | 'integer' | 'boolean' | 'list';
  /** Shown in help after the flag. Booleans have none. */
  readonly argument?: string;
  readonly help: string;
}

export const SETTINGS: readonly Setting[] = [
  row('listen', ['listen'], 'text', '<host:port>', 'where to listen; port 0 takes a free one'),
  row('mode', ['mode'], 'text', '<unified|routed>', 'one endpoint for all servers, or only one for each'),
  row('prefix', ['prefix'], 'text', '<always|auto>', "when a server's name goes before its tools' names"),
  row('discovery', ['discovery'], 'text', '<how>', 'how clients find tools: list, search or auto'),
  row('public-url', ['publicUrl'], 'text', '<url>', 'the address clients use, behind a proxy'),
  row('log-dir', ['logDir'], 'path', '<folder>', 'where log files go'),
  row('log-level', ['logLevel'], 'text', '<level>', 'debug, info, warn, error or silent'),
  row('wasm-cache-dir', ['wasmCacheDir'], 'path', '<folder>', 'compiled modules (default: <log-dir>/wasm-cache)'),
  row('wasm-guards-dir', ['wasmGuardsDir'], 'path', '<folder>', 'guards by server: <folder>/<server>/*.wasm'),
  row('guards-mode', ['guardsMode'], 'text', '<mode>', 'strict, filter or propagate'),
  row('shutdown-timeout', ['shutdownTimeoutMs'], 'duration', '<time>', 'how long running calls may finish, e.g. 10s'),
  row('session-timeout', ['limits', 'sessionIdleMs'], 'duration', '<time>', 'when a silent session ends, e.g. 6h'),
  row('max-body-bytes', ['limits', 'maxBodyBytes'], 'integer', '<bytes>', 'largest request body'),
  row('allowed-hosts', ['allowedHosts'], 'list', '<names>', 'more names for the Host header, with commas'),
  row('allowed-origins', ['allowedOrigins'], 'list', '<origins>', 'origins of web pages that may call, with commas'),
  row(
    'trusted-proxies',
    ['trustedProxies'],
    'list',
    '<networks>',
    'proxies whose X-Forwarded-For is believed, with commas',
  ),
  row('allow-unauthenticated', ['allowUnauthenticated'], 'boolean', undefined, 'listen beyond loopback without "auth"'),
  row('tls-cert', ['tls', 'cert'], 'path', '<file>', 'PEM file of the certificate chain'),
  row('tls-key', ['tls', 'key'], 'path', '<file>', 'PEM file of the private key'),
  row('tls-client-ca', ['tls', 'clientCa'], 'path', '<file>', "PEM file of the clients' CA"),
  row('metrics', ['metrics'], 'boolean', undefined, 'serve /metrics (--no-metrics to stop)'),
  row('tracing', ['tracing', 'enabled'], 'boolean', undefined, 'send OpenTelemetry traces'),
  row('console', ['console'], 'boolean', undefined, 'serve /console (--no-console to stop)'),
  row('admin-socket', ['adminSocket'], 'path', '<file>', 'socket for lockgate status, logs and reload'),
  row('vault-dir', ['vault', 'dir'], 'path', '<folder>', 'where logins to servers are kept'),
  row('vault-key-file', ['vault', 'keyFile'], 'path', '<file>', 'key that seals them; lockgate vault init makes it'),
  row('audit-key-file', ['audit', 'keyFile'], 'path', '<file>', 'key of the chain of the audit log'),
  row('pins', ['pins', 'mode'], 'text', '<mode>', 'which tools count as approved: off, first-use, manual or lockfile'),
  row('pins-file', ['pins', 'file'], 'path', '<file>', 'where approvals of tools are kept'),
  row('otlp-endpoint', ['tracing', 'endpoint'], 'text', '<url>', 'OTLP/HTTP collector'),
];

function row(
  name: string,
  place: readonly string[],
  kind: Setting['kind'],
  argument: string | undefined,
  help: string,
): Setting {
  return { name, place: ['gateway', ...place], kind, help, ...(argument === undefined ? {} : { argument }) };
}

/** The environment variable of a setting or of one of the command's own flags. */
export function variableName(name: string): string {
  return `MCP_GATEWAY_${name.replaceAll('-', '_').toUpperCase()}`;
}

const UNITS_MS: Readonly<Record<string, number>> = { ms: 1, s: 1_000, m: 60_000, h: 3_600_000 };

/**
 * The value that a flag or a variable means; paths stay as they are.
 * A message instead, under "problem", where the text means none.
 */
export function readSetting(kind: Setting['kind'], text: string): { value: unknown } | { problem: string } {
  const given = text.trim();
  switch (kind) {
    case 'text':
    case 'path':
      return given === '' ? { problem: 'expected a value, got an empty text' } : { value: given };
    case 'list':
      return { value: given.split(',').flatMap((item) => item.trim() || []) };
    case 'integer':
      return /^\d+$/.test(given) ? { value: Number(given) } : { problem: `expected a whole number, got "${given}"` };
    case 'boolean':
      if (/^(1|true|yes|on)$/i.test(given)) return { value: true };
      if (/^(0|false|no|off)$/i.test(given)) return { value: false };
      return { problem: `expected true or false, got "${given}"` };
    case 'duration': {
      const [, amount, unit = 's'] = /^(\d+(?:\.\d+)?)\s*(ms|s|m|h)?$/.exec(given) ?? [];
      if (amount === undefined) return { problem: `expected a time such as 500ms, 10s or 2m, got "${given}"` };
      return { value: Math.round(Number(amount) * (UNITS_MS[unit] ?? 1_000)) };
    }
    default: {
      const unknown: never = kind;
      throw new TypeError(String(unknown));
    }
  }
}
