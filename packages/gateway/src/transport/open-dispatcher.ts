import { createRequire, Module } from 'node:module';
import type { Agent, Dispatcher } from 'undici';

/** Only the gateway's own deadlines end a request; a stream of events may be silent for as long as it likes. */
const NO_DEADLINES = { headersTimeout: 0, bodyTimeout: 0 } as const;

/** Opens what sends the requests of the process. No more of its library is loaded than that takes: each megabyte is one of a start's ninety. */
export async function openDispatcher(): Promise<Dispatcher> {
  // Proxies of the environment are used where Node's own `fetch` would use them.
  if (process.env.NODE_USE_ENV_PROXY === '1' || process.execArgv.includes('--use-env-proxy')) {
    return new (await import('undici')).EnvHttpProxyAgent(NO_DEADLINES);
  }
  // All of undici (fetch, caches, sockets) takes 11 MB more.
  return new (loadAgent())(NO_DEADLINES);
}

/**
 * Loads undici's agent without Node's HTTP/2, which it reads together with its clients, whoever speaks it: 2.6 MB. Requests of the gateway are of
 * HTTP/1.1. Others in the process may share the agent's module: where they ask for HTTP/2, it is loaded then.
 */
function loadAgent(): typeof Agent {
  const require = createRequire(import.meta.url);
  const http2 = require.resolve('undici/lib/dispatcher/client-h2.js');
  const isLoaded = require.cache[http2] !== undefined;
  if (!isLoaded) {
    const later = new Module(http2);
    later.exports = (...connection: unknown[]): unknown => require(http2)(...connection);
    require.cache[http2] = later;
  }
  try {
    return require('undici/lib/dispatcher/agent.js') as typeof Agent;
  } finally {
    if (!isLoaded) delete require.cache[http2];
  }
}
