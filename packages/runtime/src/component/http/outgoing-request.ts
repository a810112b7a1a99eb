import { encodeHttpRequest } from '@lockgate/abi';
import type { Kept } from '../host-memory.ts';
import type { OutgoingBody } from './bodies.ts';
import type { Fields } from './fields.ts';
import type { HttpCase } from './http-case.ts';

const decoder = new TextDecoder();

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
    const headers: Record<string, string> = {};
    for (const [name, value] of this.headers.headers) {
      const text = decoder.decode(value);
      const known = Object.keys(headers).find((key) => key.toLowerCase() === name.toLowerCase());
      headers[known ?? name] = known ? `${headers[known]}, ${text}` : text;
    }
    return encodeHttpRequest({
      method: (method.tag === 'other' ? (method.val ?? '') : method.tag).toUpperCase(),
      url: `${protocol?.toLowerCase()}://${this.authority ?? ''}${this.path ?? '/'}`,
      headers,
      ...(this.content && { body: this.content.bytes }),
    });
  }
}

/** What a text takes of memory at most. */
export function textBytes(text: string | undefined): number {
  return 2 * (text?.length ?? 0);
}
