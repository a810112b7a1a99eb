import { encodeHttpRequest } from '@lockgate/abi';
import type { Kept } from '../host-memory.ts';
import type { OutgoingBody } from './bodies.ts';
import type { Fields, Header } from './fields.ts';
import type { HttpCase } from './http-case.ts';

export class OutgoingRequest implements Kept {
  readonly headers: Fields;
  method: HttpCase = { tag: 'get' };
  path: string | undefined;
  scheme: HttpCase | undefined;
  authority: string | undefined;
  content: OutgoingBody | undefined;

  constructor(headers: Fields) {
    this.headers = headers;
    headers.isFrozen = true;
  }

  get keptBytes(): number {
    const texts = [this.method.val, this.path, this.scheme?.val, this.authority];
    return texts.reduce((sum, one) => sum + textBytes(one), 0);
  }

  get keeps(): readonly (Kept | undefined)[] {
    return [this.headers, this.content];
  }

  /** As the host's own JSON has it. */
  encode(): string {
    const { scheme, method } = this;
    const protocol = scheme?.tag === 'other' ? scheme.val : (scheme?.tag ?? 'HTTPS');
    return encodeHttpRequest({
      method: method.tag === 'other' ? (method.val ?? '') : method.tag.toUpperCase(),
      url: `${protocol?.toLowerCase()}://${this.authority ?? ''}${this.path ?? '/'}`,
      headers: headersOf(this.headers.headers),
      ...(this.content && { body: this.content.bytes }),
    });
  }
}

/** One value for each name, with a character for each byte. Source: RFC 9110, sections 5.3 and 5.5; RFC 6265, section 5.4. */
function headersOf(headers: readonly Header[]): Record<string, string> {
  const joined = new Map<string, readonly [name: string, text: string]>();
  for (const [name, value] of headers) {
    const key = name.toLowerCase();
    const text = Buffer.from(value).toString('latin1');
    const [known, before] = joined.get(key) ?? [name];
    joined.set(key, [known, before === undefined ? text : `${before}${key === 'cookie' ? '; ' : ', '}${text}`]);
  }
  return Object.fromEntries(joined.values());
}

/** What a text takes of memory at most. */
export function textBytes(text: string | undefined): number {
  return 2 * (text?.length ?? 0);
}
