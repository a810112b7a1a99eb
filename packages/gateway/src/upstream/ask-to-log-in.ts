import { randomUUID } from 'node:crypto';
import type { Logins } from '../login/logins.ts';
import type { Cancellation } from '../protocol/cancellation.ts';
import type { Exchange } from '../protocol/exchange.ts';
import { ObjectText } from '../protocol/frame/object-text.ts';
import type { Peer } from '../protocol/peer.ts';

/** How long a call waits for somebody who has said that they log in, in milliseconds: less than a deadline usually is. */
const PATIENCE_MS = 45_000;

export interface AskToLogInOptions {
  readonly server: string;
  readonly holder: string;
  readonly link: string;
  readonly logins: Logins;
  readonly exchange: Exchange;
  readonly cancellation: Cancellation;
}

/** Whether a client says that it can have its user open an address. Source: MCP specification, "Elicitation", URL mode. */
export function canOpenPages({ capabilities }: Peer): boolean {
  return capabilities.object('elicitation')?.has('url') === true;
}

/** Has the client ask its user to log in. Whether somebody has; false as well where it cannot be asked. Never rejects. */
export async function askToLogIn(options: AskToLogInOptions): Promise<boolean> {
  const { server, holder, link, logins, exchange, cancellation } = options;
  if (!canOpenPages(exchange.peer)) return false;
  const changed = logins.changed(server, holder, PATIENCE_MS);
  const params = ObjectText.from({
    mode: 'url',
    ...(exchange.peer.era === 'legacy' && { elicitationId: randomUUID() }),
    url: link,
    message: `"${server}" needs a login. The address leads to the gateway, which sends you on.`,
  });
  try {
    const answer = await exchange.ask({ method: 'elicitation/create', params }, cancellation);
    return answer.text('action') === 'accept' && (await changed);
  } catch {
    return false;
  }
}
