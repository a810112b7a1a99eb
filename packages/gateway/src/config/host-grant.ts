import { isIP } from 'node:net';
import * as z from 'zod';
import { parseNetwork } from './network.ts';

/** Hosts that a guest may reach, each in one of the forms that the runtime takes: what is none of them is refused with the file. */
export const hostGrants: z.ZodType<string[]> = z.array(
  z.string().superRefine((text, context) => {
    const message = whyNoHost(text);
    if (message !== undefined) context.addIssue({ code: 'custom', message });
  }),
);

const FORMS = 'a name, "*.domain", "*", an address or a range, and all but "*" and ranges may end in ":port"';

function whyNoHost(given: string): string | undefined {
  const text = given.trim().toLowerCase();
  if (isGrant(text)) return undefined;
  if (/^[0-9a-f.:]+\/\d+$/.test(text))
    return 'is no range: expected an address and how many of its leading bits count, such as "10.0.0.0/8"';
  const [, scheme, rest = ''] = /^([a-z][a-z0-9+.-]*:\/\/)?(.*)$/s.exec(text) ?? [];
  const [host = ''] = rest.split(/[/?#]/);
  const bare = host.slice(host.lastIndexOf('@') + 1);
  const meant = isGrant(bare) && !bare.includes('%') ? `; write "${bare}"` : '';
  if (scheme !== undefined)
    return `is an address with a scheme, and a host is granted over HTTP and HTTPS alike, with all paths${meant || `: expected ${FORMS}`}`;
  return /[/?#@]/.test(text) && meant !== ''
    ? `is more than a host, which is granted with all its paths${meant}`
    : `expected ${FORMS}`;
}

/** The forms of `AddressPolicy` of the runtime, which is not loaded to read a file. */
function isGrant(text: string): boolean {
  if (text === '*' || isIP(text) === 6) return true;
  if (text.includes('/')) return parseNetwork(text) !== undefined;
  const isWildcard = text.startsWith('*.');
  const host = isWildcard ? text.slice(2) : text;
  if (host === '' || /[?#@\s*\\]/.test(host) || !URL.canParse(`http://${host}/`)) return false;
  const { hostname } = new URL(`http://${host}/`);
  return !isWildcard || (isIP(hostname) === 0 && !hostname.startsWith('['));
}
