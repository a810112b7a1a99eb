import * as z from 'zod';

/** The key "gateway.state": where sessions, labels, counts and the like are kept when several gateways share them. */
export interface StateSection {
  readonly redis: RedisSection;
  /**
   * What happens where Redis cannot be reached at the start: `refuse` starts nothing, `memory` keeps the state in this process until the next start.
   *
   * @default refuse
   */
  readonly onStateLoss: 'refuse' | 'memory';
}

/** One Redis or Valkey, or what answers as one: no cluster. */
export interface RedisSection {
  /** `redis://[user:password@]host[:port][/database]`, or `rediss:` for TLS. */
  readonly url: string;
  /** Begins every key and channel. Gateways with the same one share everything. @default `lockgate:` */
  readonly prefix: string;
  /** PEM files, absolute once resolved; only with `rediss:`. @default the authorities of the machine */
  readonly tls?: RedisTlsSection | undefined;
}

export interface RedisTlsSection {
  /** Who signed the server's certificate. */
  readonly ca?: string | undefined;
  /** The gateway's own certificate, with its key. */
  readonly cert?: string | undefined;
  readonly key?: string | undefined;
}

const file = (meaning: string) => z.string().min(1).optional().describe(meaning);

/** Without what was given, which has a password in it. */
const ADDRESS =
  'expected redis://[user:password@]host[:port][/database] or the same with rediss:, where database is a number; "%", "/", "?", "#" and "@" in a password are written as "%25", "%2F", "%3F", "%23" and "%40"';

export const stateSection: z.ZodType<StateSection> = z.strictObject({
  redis: z
    .strictObject({
      url: z
        .url({ protocol: /^rediss?$/, error: ADDRESS, abort: true })
        .refine(isAddress, ADDRESS)
        .describe('redis://host:port/database; rediss:// for TLS'),
      prefix: z.string().max(200).default('lockgate:').describe('Begins every key; gateways with the same one share'),
      tls: z
        .strictObject({
          ca: file("PEM file of the server's authority"),
          cert: file("PEM file of the gateway's certificate"),
          key: file("PEM file of the gateway's private key"),
        })
        .refine(({ cert, key }) => (cert === undefined) === (key === undefined), {
          message: '"cert" and "key" go together',
        })
        .optional(),
    })
    .refine(({ url, tls }) => tls === undefined || url.startsWith('rediss:'), {
      path: ['tls'],
      message: 'needs an address that begins with "rediss:"',
    })
    .describe('One Redis or Valkey that several gateways share'),
  onStateLoss: z
    .enum(['refuse', 'memory'])
    .default('refuse')
    .describe('Without Redis at the start: start nothing, or keep the state in memory'),
});

/** The client would take settings of its own from what stands behind "?". */
function isAddress(text: string): boolean {
  if (!URL.canParse(text)) return false;
  const { hostname, pathname, search, hash, username, password } = new URL(text);
  const isPlace = hostname !== '' && /^\/?\d{0,9}$/.test(pathname) && search === '' && hash === '';
  return isPlace && isDecodable(username) && isDecodable(password);
}

/** Whether each "%" is followed by what it stands for. */
function isDecodable(part: string): boolean {
  try {
    decodeURIComponent(part);
    return true;
  } catch {
    return false;
  }
}
