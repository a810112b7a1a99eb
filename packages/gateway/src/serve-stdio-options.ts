import type { Discovery } from './config/discovery.ts';
import type { ObjectTransport } from './session/object-client.ts';

/** How one client is served over stdin and stdout. */
export interface ServeStdioOptions {
  /** Serves only this server or plugin, its names as they are. @default all */
  readonly server?: string;
  /** Serves only what is in this profile, as `/mcp/@<name>` does. @default all */
  readonly profile?: string;
  /** How this client finds tools. @default as the configuration says */
  readonly discovery?: Discovery;
  /** A transport that parses frames itself, such as an in-memory one. @default the process's stdin and stdout */
  readonly transport?: ObjectTransport;
}
