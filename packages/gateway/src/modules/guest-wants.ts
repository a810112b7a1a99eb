import { looksLikeCommand, type ModuleReport } from '@lockgate/abi';

/** What guests ask for that none has by itself: by the key of its entry that grants it, or sockets, which nothing does. */
export type GuestWant = 'hosts' | 'storage' | 'keyValue' | 'env' | 'args' | 'settings' | 'sockets';

/** By what is imported, for every kind of guest: `module.name`, or an interface of WASI 0.2 without its version. */
const WANTS: Readonly<Record<string, GuestWant>> = {
  'env.host_http_request': 'hosts',
  'extism:host/env.http_request': 'hosts',
  'wasi:http/outgoing-handler': 'hosts',
  'wasi_snapshot_preview1.path_open': 'storage',
  'wasi:filesystem/preopens': 'storage',
  'wasi:keyvalue/store': 'keyValue',
  'wasi_snapshot_preview1.environ_get': 'env',
  'wasi:cli/environment': 'env',
  'extism:host/env.config_get': 'settings',
  'wasi:config/store': 'settings',
  'wasi_snapshot_preview1.sock_accept': 'sockets',
  'wasi:sockets/network': 'sockets',
};
/** Of whole servers alone: other guests are called by functions. */
const ARGUMENTS = /^(wasi_snapshot_preview1\.args_get|wasi:cli\/environment@.*\.get-arguments)$/;

/** What a module asks for, each once. Languages ask for much that a program never uses. */
export function guestWants(report: ModuleReport): readonly GuestWant[] {
  const asked = report.imports.map(({ module, name }): GuestWant | undefined => {
    const key = `${module}.${name}`;
    if (ARGUMENTS.test(key)) return looksLikeCommand(report) ? 'args' : undefined;
    return WANTS[key] ?? WANTS[module.replace(/@.*$/, '')];
  });
  return [...new Set(asked.filter((want) => want !== undefined))];
}
