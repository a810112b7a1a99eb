import { assemblePlugin } from '../plugin-guest.ts';
import type { PluginGuestOptions } from '../plugin-parts.ts';

/**
 * A well-behaved plugin that needs no host call but `env.host_log`. Tools: `echo` (answers its argument `message`), `count` (calls this
 * instance has executed), `settings` (`settings:` and the JSON given to `configure`) `live-blocks` (allocations in use: 1 when the
 * host freed everything of earlier calls) and `memory-pages`.
 */
export function echoGuest(options: PluginGuestOptions = {}): Uint8Array<ArrayBuffer> {
  return assemblePlugin(options);
}

/**
 * The echo plugin that can also wait on HTTP. `fetch-then-echo` logs `enter <message>`, asks the host for `BACKEND_URL` plus the message,
 * logs `leave <message>` and answers the message; the message's place is kept in linear memory across the host call, so a call
 * that gets in between corrupts the answer. `fetch-url` takes its `message` as the URL and answers `response:` and the host's response JSON.
 */
export function fetchEchoGuest(options: PluginGuestOptions = {}): Uint8Array<ArrayBuffer> {
  return assemblePlugin({ ...options, http: true });
}
