import { describe, expect, test } from 'vitest';
import * as testkit from '../../src/index.ts';

/** A host in a few lines: just enough to see that each guest behaves as its comment says. */
function host(bytes: Uint8Array<ArrayBuffer>, backend: (capacity: number) => string | number = () => '{}') {
  const lines: string[] = [];
  const requests: string[] = [];
  const read = (pointer: number, length: number) =>
    new TextDecoder('utf-8', { fatal: true }).decode(
      new Uint8Array(exports.memory.buffer, pointer >>> 0, length >>> 0).slice(),
    );
  const spanned = (packed: bigint) => {
    const bits = BigInt.asUintN(64, packed);
    return [Number(bits >> 32n), Number(bits & 0xffff_ffffn)] as const;
  };
  const put = (text: string, allocate = exports.malloc ?? exports.guest_malloc ?? exports.alloc) => {
    const content = new TextEncoder().encode(text);
    const pointer = allocate(content.byteLength) >>> 0;
    if (pointer === 0) throw new Error('null');
    new Uint8Array(exports.memory.buffer, pointer, content.byteLength).set(content);
    return [pointer, content.byteLength] as const;
  };
  const packed = (text: string) => {
    const [pointer, length] = put(text);
    return (BigInt(pointer) << 32n) | BigInt(length);
  };
  const instance = new WebAssembly.Instance(new WebAssembly.Module(bytes), {
    wasi_snapshot_preview1: {
      proc_exit: (code: number) => {
        throw new Error(`exit ${code}`);
      },
    },
    env: {
      host_log: (...spoken: number[]) => lines.push(read(spoken.at(-2) as number, spoken.at(-1) as number)),
      host_http_request: (request: bigint) => {
        requests.push(read(...spanned(request)));
        return packed('{"status":200,"body":"ok"}');
      },
      call_backend: (name: number, nameLength: number, args: number, argsLength: number, at: number, room: number) => {
        requests.push(`${read(name, nameLength)} ${read(args, argsLength)}`);
        const answer = backend(room);
        if (typeof answer === 'number') return answer;
        new TextEncoder().encodeInto(answer, new Uint8Array(exports.memory.buffer, at, room));
        return answer.length;
      },
    },
  });
  // biome-ignore lint/suspicious/noExplicitAny: exports are as varied as the guests.
  const exports = instance.exports as any;
  const free = exports.free ?? exports.guest_free;
  exports._initialize?.();
  return {
    lines,
    requests,
    exports,
    ask(field: string, input?: string): string {
      const given = input === undefined ? undefined : packed(input);
      const [pointer, length] = spanned(given === undefined ? exports[field]() : exports[field](given));
      if (given !== undefined) free(spanned(given)[0]);
      const text = read(pointer, length);
      if (length > 0) free(pointer);
      return text;
    },
    execute(tool: string, message = 'hello'): string {
      return this.ask('execute', JSON.stringify({ tool_name: tool, args: { message } }));
    },
    guard(field: string, input: string, capacity = 4096): string | number {
      const [pointer, length] = put(input, exports.alloc ?? (() => 100_000));
      const output = exports.alloc?.(capacity) ?? 110_000;
      const written: number = exports[field](pointer, length, output, capacity);
      return written < 0 ? written : read(output, written);
    },
  };
}

describe('plugin guests', () => {
  test('echo answers its message, whatever is in it, and gives every block back', () => {
    const guest = host(testkit.echoGuest({ prefix: '> ' }));
    const message = 'a "quoted" \\ line\nünd 😀';
    expect(JSON.parse(guest.execute('echo', message))).toEqual({ data: `> ${message}` });
    expect(JSON.parse(guest.execute('echo', 'x'.repeat(300_000))).data).toHaveLength(300_002);
    expect(guest.execute('live-blocks')).toBe('{"data":"> 1"}');
    expect(guest.execute('count')).toBe('{"data":"> 4"}');
    expect(guest.ask('configure', '{"api_key":"k"}')).toBe('');
    expect(guest.execute('settings')).toBe('settings:{"api_key":"k"}');
    expect(guest.execute('nope')).toContain('"is_error":true');
    expect(guest.lines.slice(-2)).toEqual(['enter hello', 'leave hello']);
  });

  test('name, metadata, tools and compact specs speak the ABI', () => {
    const guest = host(testkit.echoGuest({ name: 'n', version: '2.1.0', abiVersion: 3, credentialKeys: ['api_key'] }));
    expect(guest.ask('name')).toBe('n');
    expect(JSON.parse(guest.ask('metadata'))).toMatchObject({
      name: 'n',
      version: '2.1.0',
      abi_version: 3,
      credential_keys: ['api_key'],
    });
    expect(JSON.parse(guest.ask('tools'))[0]).toMatchObject({ name: 'echo', required: [] });
    expect(JSON.parse(guest.ask('compact_specs'))).toEqual({ echo: ['message'] });
    expect(guest.exports.healthy()).toBe(1);
  });

  test('a freed block is overwritten, and freeing twice traps', () => {
    const { exports } = host(testkit.echoGuest());
    const block = exports.malloc(4);
    new Uint8Array(exports.memory.buffer).set([1, 2, 3, 4], block);
    exports.free(block);
    expect([...new Uint8Array(exports.memory.buffer, block, 4)]).toEqual([0xdb, 0xdb, 0xdb, 0xdb]);
    expect(() => exports.free(block)).toThrow('unreachable');
  });

  test('fetch-then-echo asks for a URL with its message', () => {
    const guest = host(testkit.fetchEchoGuest());
    expect(guest.execute('fetch-then-echo', 'a')).toBe('{"data":"a"}');
    expect(guest.execute('fetch-url', 'http://x/')).toBe('response:{"status":200,"body":"ok"}');
    expect(guest.requests).toEqual([
      '{"method":"GET","url":"http://backend.test/a"}',
      '{"method":"GET","url":"http://x/"}',
    ]);
    expect(guest.execute('live-blocks')).toBe('{"data":"1"}');
  });

  test('two versions of one plugin differ in metadata and answers', () => {
    const [a, b] = ['A', 'B'].map((version) => host(testkit.versionGuest(version)));
    expect([a?.ask('name'), b?.ask('name')]).toEqual(['versioned', 'versioned']);
    expect([a?.execute('echo'), b?.execute('echo')]).toEqual(['{"data":"A:hello"}', '{"data":"B:hello"}']);
  });

  test.each([
    'name',
    'metadata',
    'tools',
    'configure',
    'execute',
    'healthy',
    'compact_specs',
    'malloc',
    '_initialize',
  ] as const)('traps in %s', (field) => {
    const provoke = () => {
      const guest = host(testkit.trappingGuest({ in: field }));
      return field === 'malloc' || field === 'configure' || field === 'execute'
        ? guest.ask(field === 'malloc' ? 'execute' : field, '{}')
        : guest.exports[field]();
    };
    expect(provoke).toThrow('unreachable');
  });

  test('a trap in the tool misbehave leaves the other tools alone', () => {
    const guest = host(testkit.trappingGuest());
    expect(() => guest.execute('misbehave')).toThrow('unreachable');
    expect(guest.execute('echo')).toBe('{"data":"hello"}');
  });

  test('every free traps, and costs stack in the leaking variant', () => {
    const { exports } = host(testkit.trappingGuest({ in: 'free' }));
    expect(() => exports.free(exports.malloc(8))).toThrow('unreachable');

    const leaking = host(testkit.stackLeakingGuest()).exports;
    const execute = () => leaking.execute(0n);
    for (let call = 0; call < 2048; call += 1) expect(() => leaking.free(leaking.malloc(8))).toThrow('unreachable');
    expect(execute).not.toThrow();
    expect(() => leaking.free(leaking.malloc(8))).toThrow('unreachable');
    expect(execute).toThrow('unreachable');
  });

  test('greedy stops where memory may not grow, and serves on', () => {
    const guest = host(testkit.greedyGuest({ maxPages: 64 }));
    expect(guest.execute('misbehave')).toBe('{"data":"hello"}');
    expect(guest.execute('memory-pages')).toBe('{"data":"50"}');
  });

  test('recursion ends in the engine’s stack limit', () => {
    expect(() => host(testkit.recursingGuest()).execute('misbehave')).toThrow(RangeError);
  });

  test('chatty and hammering do what they say as often as they say', () => {
    const chatty = host(testkit.chattyGuest({ lines: 1000 }));
    chatty.execute('misbehave');
    expect(chatty.lines).toHaveLength(1002);
    const hammering = host(testkit.hammeringGuest({ requests: 1000 }));
    hammering.execute('misbehave');
    expect(hammering.requests).toHaveLength(1000);
  });

  test('slow start computes before it is ready', () => {
    expect(host(testkit.slowStartGuest({ turns: 10 })).execute('echo')).toBe('{"data":"hello"}');
    expect(new WebAssembly.Module(testkit.endlessGuest({ in: '_initialize' }))).toBeInstanceOf(WebAssembly.Module);
  });

  test('spans lie about their place and length', () => {
    const execute = (lie: 'outside' | 'four-gib' | 'overlapping') => {
      const guest = host(testkit.lyingSpanGuest({ lie }));
      return () => guest.execute('misbehave');
    };
    expect(execute('outside')).toThrow(RangeError);
    expect(execute('four-gib')).toThrow(RangeError);
    expect(execute('overlapping')).toThrow();
    expect(() => host(testkit.lyingSpanGuest({ lie: 'outside', in: 'tools' })).ask('tools')).toThrow(RangeError);
  });

  test('text is not UTF-8, or not JSON', () => {
    expect(() => host(testkit.invalidUtf8Guest()).execute('misbehave')).toThrow('not valid');
    expect(() => host(testkit.invalidUtf8Guest({ in: 'name' })).ask('name')).toThrow('not valid');
    expect(host(testkit.invalidJsonGuest({ in: 'tools' })).ask('tools')).toBe('{not json');
  });

  test('the allocator is missing, answers null, or has its other name', () => {
    expect(host(testkit.noAllocatorGuest()).exports).not.toHaveProperty('malloc');
    expect(() => host(testkit.nullMallocGuest()).execute('echo')).toThrow('null');
    expect(host(testkit.nullMallocGuest({ fromBytes: 5000 })).execute('echo')).toBe('{"data":"hello"}');
    expect(host(testkit.guestPrefixGuest()).execute('echo')).toBe('{"data":"hello"}');
  });

  test('refuses settings, is unhealthy, states another ABI version, lacks an export, exits', () => {
    expect(host(testkit.refusingGuest()).ask('configure', '{}')).toBe('the key is wrong');
    expect(host(testkit.unhealthyGuest()).exports.healthy()).toBe(0);
    expect(JSON.parse(host(testkit.wrongAbiVersionGuest()).ask('metadata')).abi_version).toBe(2);
    expect(host(testkit.missingExportGuest({ missing: 'tools' })).exports).not.toHaveProperty('tools');
    expect(() => host(testkit.exitingGuest({ exitCode: 3 })).execute('misbehave')).toThrow('exit 3');
    expect(() => host(testkit.unknownImportGuest())).toThrow(WebAssembly.LinkError);
  });

  test('bulky guests have about the size asked for', () => {
    const bytes = testkit.bulkyGuest({ codeBytes: 1_000_000 });
    expect(bytes.byteLength).toBeGreaterThan(950_000);
    expect(bytes.byteLength).toBeLessThan(1_100_000);
    expect(host(bytes).execute('echo')).toBe('{"data":"hello"}');
  });
});

describe('guard guests', () => {
  test('answer by rule, else by default, with either kind of buffer', () => {
    const secret = { resource: { description: 'secret', secrecy: ['private'], integrity: [] }, operation: 'read' };
    const rules = { label_resource: [{ contains: '/private/', answer: secret }] };
    for (const bytes of [testkit.guardGuest({ rules }), testkit.directPlacementGuard({ rules })]) {
      const guard = host(bytes);
      expect(JSON.parse(guard.guard('label_resource', '{"path":"/private/x"}') as string)).toEqual(secret);
      expect(guard.guard('label_resource', '{"path":"/public/x"}')).toContain('"operation":"read"');
      expect(guard.guard('label_agent', '{}')).toContain('"difc_mode":"strict"');
      expect(guard.guard('label_response', '{}')).toBe('');
      expect(guard.lines).toEqual(['label_resource', 'label_resource', 'label_agent', 'label_response']);
    }
    expect(host(testkit.directPlacementGuard()).exports).not.toHaveProperty('alloc');
  });

  test('ask for a larger buffer, once or for ever', () => {
    const needed = new Uint32Array(1);
    const growing = host(testkit.growingGuard({ neededBytes: 5000 }));
    expect(growing.guard('label_resource', '{}')).toBe(-2);
    expect(growing.guard('label_resource', '{}', 5000)).toContain('anything');
    expect(host(testkit.insatiableGuard()).guard('label_resource', '{}', 5000)).toBe(-2);
    const { exports } = host(testkit.growingGuard({ neededBytes: 5000 }));
    const output = exports.alloc(16);
    exports.label_resource(0, 0, output, 16);
    needed.set(new Uint32Array(exports.memory.buffer, output, 1));
    expect([...needed]).toEqual([5000]);
  });

  test('answer codes of their own, trap, lie, or are not JSON', () => {
    expect(host(testkit.errorCodeGuard({ in: 'label_agent' })).guard('label_agent', '{}')).toBe(-7);
    expect(() => host(testkit.trappingGuard()).guard('label_resource', '{}')).toThrow('unreachable');
    expect(() => host(testkit.greedyGuard({ maxPages: 64 })).guard('label_resource', '{}')).toThrow('unreachable');
    expect(host(testkit.lyingLengthGuard()).exports.label_resource(0, 0, 0, 16)).toBe(17);
    expect(host(testkit.invalidJsonGuard()).guard('label_resource', '{}')).toBe('{not json');
    expect(new WebAssembly.Module(testkit.endlessGuard())).toBeInstanceOf(WebAssembly.Module);
  });

  test('have the wrong signature, or lack an export', () => {
    expect(host(testkit.wrongSignatureGuard()).exports.label_resource).toHaveLength(3);
    expect(host(testkit.missingExportGuard({ in: 'label_agent' })).exports).not.toHaveProperty('label_agent');
  });

  test('call their backend as often as asked', () => {
    const answers: (string | number)[] = ['{"a":1}', -1, -2];
    const guard = host(testkit.backendGuard({ times: 3 }), () => answers.shift() ?? '');
    expect(guard.guard('label_resource', '{}')).toContain('anything');
    expect(guard.requests).toEqual(Array(3).fill('read {"turn":true}'));
    expect(guard.lines).toEqual(['label_resource', '{"a":1}', 'backend error 1', 'backend error 2']);
  });

  test('give back all that they needed, also where the backend fails', () => {
    const { exports } = host(testkit.backendGuard({ times: 2 }), () => -1);
    const [input, output] = [exports.alloc(2), exports.alloc(4096)];
    exports.label_resource(input, 0, output, 4096);
    exports.dealloc(output, 4096);
    exports.dealloc(input, 2);
    expect(exports.alloc(2), 'the first block of an empty heap').toBe(input);
  });
});
