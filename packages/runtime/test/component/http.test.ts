import { encodeHttpFailure, encodeHttpResponse, HTTP_FAILURES, type HttpFailureKind } from '@lockgate/abi';
import { HTTP_ERROR_CODE } from '@lockgate/testkit';
import { describe, expect, test } from 'vitest';
import { HostMemory } from '../../src/component/host-memory.ts';
import { FailedRequests } from '../../src/component/http/failed-requests.ts';
import { failureCase } from '../../src/component/http/failure-case.ts';
import type { SendHttp } from '../../src/component/http/future-response.ts';
import { httpInterfaces } from '../../src/component/http.ts';
import { type Pollable, poll } from '../../src/component/pollable.ts';

type Call = (...args: unknown[]) => never;
type Answer = { readonly tag: string; readonly val?: unknown };

const text = (value: string): Uint8Array => new TextEncoder().encode(value);

/** A guest that makes one request, as the functions of WASI have it. */
function sender(send: SendHttp) {
  const said: string[] = [];
  const client = {
    send,
    failed: new FailedRequests((line) => said.push(line)),
    memory: new HostMemory(0),
    underWay: new Set<never>(),
  };
  const interfaces = httpInterfaces(client);
  const of = (name: string): Call => interfaces['wasi:http/types']?.[name] as Call;
  const handle = interfaces['wasi:http/outgoing-handler']?.handle as Call;
  const request = (authority: string | undefined, headers: readonly (readonly [string, string])[] = []) => {
    const fields = (of('[static]fields.from-list')(headers.map(([name, value]) => [name, text(value)])) as Answer).val;
    const made = of('[constructor]outgoing-request')(fields);
    of('[method]outgoing-request.set-method')(made, { tag: 'put' });
    of('[method]outgoing-request.set-scheme')(made, { tag: 'HTTP' });
    const isSet = of('[method]outgoing-request.set-authority')(made, authority) as Answer;
    of('[method]outgoing-request.set-path-with-query')(made, '/a?b');
    return { made, fields, isSet };
  };
  return { of, handle, request, said };
}

describe('WASI HTTP', () => {
  test('keeps 1,000 headers and 128 KiB of a message, and ends a guest that gives more', () => {
    const { of } = sender(() => new Promise(() => {}));
    const append = of('[method]fields.append');
    const many = of('[constructor]fields')();
    for (let count = 0; count < 1_000; count += 1) append(many, 'x', text('1'));
    expect(() => append(many, 'x', text('1'))).toThrow('more than 1000');
    const large = of('[constructor]fields')();
    expect(append(large, 'x', new Uint8Array(131_071).fill(65))).toEqual({ tag: 'ok' });
    expect(() => append(large, 'y', text('1'))).toThrow('more than 131072 bytes; send as a body');
    expect(of('[method]fields.has')(large, 'y')).toBe(false);
    expect(() => of('[method]fields.set')(large, 'z', [new Uint8Array(1).fill(65)])).toThrow('131072 bytes');
  });

  test('sends a request when its answer is waited for, with the body that was written after it was handed over', () => {
    const sent: unknown[] = [];
    const guest = sender((request) => {
      sent.push(JSON.parse(request));
      return encodeHttpResponse({ status: 201, headers: { 'x-a': 'b' }, body: text('done') }, { rawBody: true });
    });
    const { made } = guest.request('api.test:8080', [
      ['x-k', 'one'],
      ['X-K', 'two'],
    ]);
    const body = (guest.of('[method]outgoing-request.body')(made) as Answer).val;
    const future = (guest.handle(made, undefined) as Answer).val;
    const stream = (guest.of('[method]outgoing-body.write')(body) as Answer).val as {
      write(bytes: Uint8Array): Answer;
    };
    expect(stream.write(text('hello'))).toEqual({ tag: 'ok' });
    guest.of('[static]outgoing-body.finish')(body, undefined);
    expect(sent).toEqual([]);

    const got = guest.of('[method]future-incoming-response.get')(future) as unknown as { val: { val: object } };
    expect(sent).toEqual([
      {
        method: 'PUT',
        url: 'http://api.test:8080/a?b',
        headers: { 'x-k': 'one, two', 'x-raw-body': '1' },
        body_base64: Buffer.from('hello').toString('base64'),
      },
    ]);
    const response = got.val.val;
    expect(guest.of('[method]incoming-response.status')(response)).toBe(201);
    const incoming = (guest.of('[method]incoming-response.consume')(response) as Answer).val;
    expect(guest.of('[method]incoming-response.consume')(response)).toEqual({ tag: 'err' });
    const reader = (guest.of('[method]incoming-body.stream')(incoming) as Answer).val as { read(most: bigint): Answer };
    expect(reader.read(2n)).toEqual({ tag: 'ok', val: text('do') });
    expect(reader.read(100n)).toEqual({ tag: 'ok', val: text('ne') });
    expect(reader.read(1n)).toEqual({ tag: 'err', val: { tag: 'closed' } });
    expect(guest.of('[method]future-incoming-response.get')(future)).toEqual({ tag: 'err' });
  });

  test.each<[HttpFailureKind, object]>([
    ['denied', { tag: 'HTTP-request-denied' }],
    ['prohibited-address', { tag: 'destination-IP-prohibited' }],
    ['connection-refused', { tag: 'connection-refused' }],
    ['unknown-name', { tag: 'DNS-error', val: { rcode: 'address not available', 'info-code': undefined } }],
    ['certificate', { tag: 'TLS-certificate-error' }],
    ['response-too-large', { tag: 'HTTP-response-body-size', val: undefined }],
    ['other', { tag: 'internal-error', val: 'why it failed' }],
  ])('tells the guest that a request failed as %s, and the log why', (kind, error) => {
    const guest = sender(() => encodeHttpFailure(kind, 'why it failed'));
    const future = (guest.handle(guest.request('evil.test').made, undefined) as Answer).val;
    expect(guest.of('[method]future-incoming-response.get')(future)).toEqual({
      tag: 'ok',
      val: { tag: 'err', val: error },
    });
    expect(guest.said).toEqual(['HTTP request failed: why it failed']);
  });

  test('has a case of the standard for each failure', () => {
    const cases = Object.keys((HTTP_ERROR_CODE as { readonly variant: object }).variant);
    for (const kind of HTTP_FAILURES) expect(cases).toContain(failureCase(kind, 'why').tag);
  });

  test.each([undefined, ''])(
    'takes no request without an authority: its path would be read as one (%j)',
    (authority) => {
      const guest = sender(() => '');
      expect(guest.handle(guest.request(authority).made, undefined)).toEqual({
        tag: 'err',
        val: { tag: 'HTTP-request-URI-invalid' },
      });
    },
  );

  test.each([
    ['a@evil.test', false],
    ['a.test/path', false],
    ['a.test?x', false],
    ['a.test\\x', false],
    ['a.test', true],
    ['[::1]:80', true],
  ])('takes no authority that would be read as more than a host: %s', (authority, isTaken) => {
    expect(sender(() => '').request(authority).isSet.tag).toBe(isTaken ? 'ok' : 'err');
  });

  test('refuses headers that would be read as two, and changes of those that are sent', () => {
    const guest = sender(() => '');
    const { fields } = guest.request('a.test');
    const refused = [
      ['a b', 'x'],
      ['a', 'x\r\nb: y'],
      ['', 'x'],
    ] as const;
    for (const [name, value] of refused) {
      expect(guest.of('[static]fields.from-list')([[name, text(value)]])).toEqual({
        tag: 'err',
        val: { tag: 'invalid-syntax' },
      });
    }
    expect(guest.of('[method]fields.append')(fields, 'a', text('b'))).toEqual({
      tag: 'err',
      val: { tag: 'immutable' },
    });
  });

  test.each(['Host', 'connection', 'Transfer-Encoding', 'proxy-authorization', 'http2-settings'])(
    'lets no guest give, change or take away what belongs to the connection: %s',
    (name) => {
      const { of } = sender(() => '');
      const fields = of('[constructor]fields')();
      const forbidden = { tag: 'err', val: { tag: 'forbidden' } };
      expect(of('[method]fields.append')(fields, name, text('x'))).toEqual(forbidden);
      expect(of('[method]fields.set')(fields, name, [text('x')])).toEqual(forbidden);
      expect(of('[method]fields.delete')(fields, name)).toEqual(forbidden);
      expect(of('[static]fields.from-list')([[name, text('x')]])).toEqual(forbidden);
    },
  );

  test('sends a method that WASI has no name for as the guest wrote it', () => {
    const sent: { method: string }[] = [];
    const guest = sender((request) => {
      sent.push(JSON.parse(request));
      return encodeHttpFailure('other', '');
    });
    const { made } = guest.request('a.test');
    guest.of('[method]outgoing-request.set-method')(made, { tag: 'other', val: 'Query' });
    guest.of('[method]future-incoming-response.get')((guest.handle(made, undefined) as Answer).val);
    expect(sent[0]?.method).toBe('Query');
  });

  test('passes the bytes of headers both ways as they are, cookies as one, and names that objects have of their own', () => {
    const sent: { headers: Record<string, string> }[] = [];
    const guest = sender((request) => {
      sent.push(JSON.parse(request));
      return encodeHttpResponse({ status: 200, headers: { 'x-a': 'Ã©' }, body: text('') }, { rawBody: true });
    });
    const { made } = guest.request('api.test', [
      ['x-k', 'é'],
      ['cookie', 'a=1'],
      ['Cookie', 'b=2'],
      ['__proto__', 'kept'],
    ]);
    const future = (guest.handle(made, undefined) as Answer).val;
    const got = guest.of('[method]future-incoming-response.get')(future) as unknown as { val: { val: object } };
    expect(Object.entries(sent[0]?.headers ?? {})).toEqual([
      ['x-k', 'Ã©'],
      ['cookie', 'a=1; b=2'],
      ['__proto__', 'kept'],
      ['x-raw-body', '1'],
    ]);
    const headers = guest.of('[method]incoming-response.headers')(got.val.val);
    expect(guest.of('[method]fields.get')(headers, 'x-a')).toEqual([text('é')]);
  });

  test('gives each cookie of an answer as a header of its own', () => {
    const response = {
      status: 200,
      headers: { 'set-cookie': 'b=2', 'x-a': '1, 2' },
      cookies: ['a=1', 'b=2'],
      body: text(''),
    };
    const guest = sender(() => encodeHttpResponse(response, { rawBody: true }));
    const future = (guest.handle(guest.request('a.test').made, undefined) as Answer).val;
    const got = guest.of('[method]future-incoming-response.get')(future) as unknown as { val: { val: object } };
    const fields = guest.of('[method]incoming-response.headers')(got.val.val);
    expect(guest.of('[method]fields.get')(fields, 'Set-Cookie')).toEqual([text('a=1'), text('b=2')]);
    expect(guest.of('[method]fields.get')(fields, 'x-a')).toEqual([text('1, 2')]);
  });

  test('a guest whose thread sleeps wakes up for an answer that has come meanwhile', () => {
    const arriving: { answer: string | undefined } = { answer: undefined };
    const guest = sender(() => arriving);
    const future = (guest.handle(guest.request('a.test').made, undefined) as Answer).val;
    const pollable = guest.of('[method]future-incoming-response.subscribe')(future) as Pollable;
    let sleeps = 0;
    const places = poll([pollable], () => {
      if (sleeps++ === 1)
        arriving.answer = encodeHttpResponse({ status: 204, headers: {}, body: text('') }, { rawBody: true });
      if (sleeps > 5) throw new Error('it sleeps on');
    });
    expect([places, sleeps]).toEqual([Uint32Array.of(0), 2]);
  });

  test('sends a request once where its answer arrives while the guest goes on, and has none until then', () => {
    let sent = 0;
    const arriving: { answer: string | undefined } = { answer: undefined };
    const guest = sender(() => {
      sent++;
      return arriving;
    });
    const future = (guest.handle(guest.request('a.test').made, undefined) as Answer).val;
    const get = (): unknown => guest.of('[method]future-incoming-response.get')(future);
    expect([get(), get(), sent]).toEqual([undefined, undefined, 1]);
    arriving.answer = encodeHttpResponse({ status: 204, headers: {}, body: text('') }, { rawBody: true });
    expect(get()).toMatchObject({ tag: 'ok', val: { tag: 'ok' } });
    expect([get(), sent]).toEqual([{ tag: 'err' }, 1]);
  });

  test('lets a guest inline wait for its answer without keeping the thread', async () => {
    const answer = encodeHttpResponse({ status: 200, headers: {}, body: text('') }, { rawBody: true });
    const guest = sender(() => Promise.resolve(answer));
    const future = (guest.handle(guest.request('a.test').made, undefined) as Answer).val;
    const got = guest.of('[method]future-incoming-response.get')(future) as unknown;
    expect(got).toBeInstanceOf(Promise);
    expect(await got).toMatchObject({ tag: 'ok', val: { tag: 'ok' } });
  });
});
