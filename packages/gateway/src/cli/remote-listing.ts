import { CREDENTIAL_DENIALS } from '../access/authenticator.ts';
import { type ServerEntry, serverEntry } from '../config/servers-section.ts';
import { UpstreamRefusedError } from '../errors.ts';
import { silentLogger } from '../logger.ts';
import { Cancellation } from '../protocol/cancellation.ts';
import { ObjectText } from '../protocol/frame/object-text.ts';
import { Programs } from '../transport/programs.ts';
import { readFirstOffer } from '../upstream/first-offer.ts';
import { LeftOut } from '../upstream/left-out.ts';
import { nobodyToAsk } from '../upstream/nobody-to-ask.ts';
import { openConnection } from '../upstream/open-connection.ts';
import { VERSION } from '../version.ts';
import { CommandFailure, EXIT } from './exit-code.ts';
import type { Listed, Listing } from './listing.ts';

const KEY_HINT = 'Give a credential that it takes: --header "Authorization: Bearer ..."';

export interface Remote {
  readonly url: string;
  /** Lines such as `Authorization: Bearer ...`. */
  readonly headers: readonly string[];
}

/**
 * Lists what a gateway serves that runs, or one server of it; any other MCP server over HTTP as well.
 *
 * @throws CommandFailure when it cannot be reached.
 */
export async function remoteListing(list: Listed, server: string | undefined, remote: Remote): Promise<Listing> {
  const entry = toEntry(server === undefined ? remote.url : ofServer(remote.url, server), remote.headers);
  const offer = await offerOf(entry, server ?? 'the gateway').catch((error: Error) => {
    throw new CommandFailure(isOfCredential(error) ? `${error.message} ${KEY_HINT}` : error.message);
  });
  const items = list === 'resources' ? [...offer.resources, ...offer.resourceTemplates] : offer[list];
  return {
    items: items.map((text) => {
      const item = text.toValue();
      const name = String(list === 'resources' ? (item.uri ?? item.uriTemplate) : item.name);
      return { name, ownName: name, server, item };
    }),
    missing: [],
  };
}

/** Whether it is the credential that is missing or not enough: a gateway says so in words, other servers by the status. */
function isOfCredential(error: Error): boolean {
  if (error instanceof UpstreamRefusedError) return error.facts.status === 401 || error.facts.status === 403;
  return CREDENTIAL_DENIALS.includes(error.message);
}

/** Where a gateway serves one of its servers; what is no address is told of as it is. */
function ofServer(address: string, server: string): string {
  if (!URL.canParse(address)) return address;
  const url = new URL(address);
  url.pathname = `${url.pathname.replace(/\/$/, '')}/${encodeURIComponent(server)}`;
  return url.href;
}

async function offerOf(entry: ServerEntry, server: string) {
  const cancellation = new Cancellation();
  const nothing = (): void => {};
  const connection = await openConnection({
    server,
    entry,
    programs: new Programs(1),
    clientInfo: ObjectText.from({ name: 'lockgate', title: 'Lockgate', version: VERSION }),
    capabilities: ObjectText.EMPTY,
    era: 'any',
    cancellation,
    redact: (text) => text,
    isGuarded: () => false,
    ask: nobodyToAsk,
    onNews: nothing,
    onStray: nothing,
    onError: nothing,
    onStderr: nothing,
    onEnding: nothing,
  });
  try {
    const leftOut = new LeftOut(server, silentLogger);
    return await readFirstOffer(connection, { connectTimeoutMs: entry.connectTimeoutMs, leftOut, cancellation });
  } finally {
    await connection.close();
  }
}

function toEntry(url: string, lines: readonly string[]): ServerEntry {
  const headers = lines.map((line) => {
    const [, name, value] = /^([\w-]+):\s*(.*)$/.exec(line) ?? [];
    if (name === undefined) throw new CommandFailure(`--header takes "Name: value"`, EXIT.usage);
    return [name, value];
  });
  const parsed = serverEntry.safeParse({ url, headers: Object.fromEntries(headers) });
  if (!parsed.success)
    throw new CommandFailure(`--url takes an address such as http://127.0.0.1:3000/mcp, got "${url}"`, EXIT.usage);
  return parsed.data;
}
