import { type Code, call, flow, i32, i64 } from '@lockgate/testkit';
import type { ExtismBody, ExtismKit } from './extism-kit.ts';
import type { HostileCase, Outcome } from './hostile-bodies.ts';

const FAR = i64.const(99_999_999n);
const NONE = i64.const(0n);
const SUCCESS = i32.const(0);
const FULL = 'the variable of 300000 bytes does not fit: variables may take 1 MiB together';

/** Every host that these guests ask for and may reach; what each of them answers is said beside the test. */
export const GRANTED = ['open.test', 'moves.test', 'strays.test', 'inner.test'] as const;

const handled = (title: string, value: (kit: ExtismKit) => Code<'i64'>): HostileCase => ({
  title,
  body: (kit) => [kit.sayDigit(i32.wrap(value(kit))), SUCCESS],
  outcome: { data: '0' },
});

function asks(title: string, request: string, failure: string): HostileCase {
  const body: ExtismBody = (kit) => [flow.drop(i32.wrap(call(kit.request, kit.block(request), NONE))), SUCCESS];
  return { title, body, outcome: { failure } };
}

const urlOf = (url: string): string => JSON.stringify({ url });
const goesOn = (title: string, body: ExtismBody, outcome: Outcome = { data: 'on' }): HostileCase => ({
  title,
  body,
  outcome,
});

/** A value of so many bytes under a name. */
const keep = (kit: ExtismKit, name: string, byteLength: bigint): Code<'void'> =>
  call(kit.setVariable, kit.block(name), call(kit.alloc, i64.const(byteLength)));

/** What it does with settings, variables and the log. */
export const STATE_CASES: readonly HostileCase[] = [
  handled('asks for a setting by a handle that holds nothing', (kit) => call(kit.config, FAR)),
  handled('asks for the setting "toString"', (kit) => call(kit.config, kit.block('toString'))),
  handled('asks for the setting "__proto__"', (kit) => call(kit.config, kit.block('__proto__'))),
  handled('asks for an empty setting', (kit) => call(kit.config, kit.block('empty'))),
  handled('asks for a variable that it never set', (kit) => call(kit.variable, kit.block('never'))),
  handled('asks for a variable by 0', (kit) => call(kit.variable, NONE)),
  goesOn('sets a variable to a handle that holds nothing', (kit) => [
    call(kit.setVariable, kit.block('v'), FAR),
    kit.say('on'),
    SUCCESS,
  ]),
  goesOn('sets a variable under a handle that holds nothing', (kit) => [
    call(kit.setVariable, FAR, kit.block('v')),
    kit.say('on'),
    SUCCESS,
  ]),
  goesOn(
    'sets and deletes a variable, twice',
    (kit) => [
      ...[0, 1].flatMap(() => [keep(kit, 'gone', 8n), call(kit.setVariable, kit.block('gone'), NONE)]),
      kit.sayDigit(i32.wrap(call(kit.variable, kit.block('gone')))),
      SUCCESS,
    ],
    { data: '0' },
  ),
  goesOn(
    'keeps more than 1 MiB',
    (kit) => [...['a', 'b', 'c', 'd'].map((name) => keep(kit, name, 300_000n)), SUCCESS],
    {
      failure: FULL,
    },
  ),
  goesOn(
    'replaces a variable beside which there is no room',
    (kit) => [...['a', 'b', 'c', 'c'].map((name) => keep(kit, name, 300_000n)), SUCCESS],
    {
      failure: FULL,
    },
  ),
  goesOn('logs handles that hold nothing', (kit) => [call(kit.log, FAR), call(kit.log, NONE), kit.say('on'), SUCCESS]),
  goesOn('logs a thousand lines', (kit, scope) => {
    const left = scope.local('i32');
    return [
      left.set(i32.const(1_000)),
      flow.while(left.get, [call(kit.log, kit.block('line')), left.set(i32.sub(left.get, i32.const(1)))]),
      kit.say('on'),
      SUCCESS,
    ];
  }),
];

/** What it asks for over HTTP. */
export const HTTP_CASES: readonly HostileCase[] = [
  asks(
    'asks a host that is not granted',
    urlOf('http://other.test/'),
    'the HTTP request failed: the host "other.test" is not granted; add it to "hosts"',
  ),
  asks(
    'asks a loopback address',
    urlOf('http://127.0.0.1/'),
    'the HTTP request failed: "127.0.0.1" leads to an address that is not public; only a grant of that address allows it',
  ),
  asks(
    'asks the metadata service',
    urlOf('http://169.254.169.254/'),
    'the HTTP request failed: "169.254.169.254" leads to an address that is not public; only a grant of that address allows it',
  ),
  asks(
    'asks an IPv4 address written as IPv6',
    urlOf('http://[::ffff:10.0.0.1]/'),
    'the HTTP request failed: "::ffff:a00:1" leads to an address that is not public; only a grant of that address allows it',
  ),
  asks(
    'asks a granted name with a private address',
    urlOf('http://inner.test/'),
    'the HTTP request failed: "inner.test" leads to an address that is not public; only a grant of that address allows it',
  ),
  asks(
    'is redirected to a private address',
    urlOf('http://moves.test/'),
    'the HTTP request failed: "10.0.0.1" leads to an address that is not public; only a grant of that address allows it',
  ),
  asks(
    'is redirected to a host that is not granted',
    urlOf('http://strays.test/'),
    'the HTTP request failed: the host "other.test" is not granted; add it to "hosts"',
  ),
  asks(
    'sends a password in the address',
    urlOf('http://user:secret@open.test/'),
    'the HTTP request failed: a URL with credentials cannot be asked',
  ),
  asks(
    'asks for a file',
    urlOf('file:///etc/passwd'),
    'the HTTP request failed: only http: and https: can be asked, not file:',
  ),
  asks('asks for no URL', urlOf('nowhere'), 'the HTTP request failed: the URL cannot be read'),
  asks(
    'asks with a field that there is not',
    '{"url":"http://open.test/","header":{}}',
    'The guest\'s message of "http_request" has an unknown field; known: "url", "method", "headers".',
  ),
  asks('asks with what is no JSON', 'GET', 'The guest\'s message of "http_request" is not JSON (3 characters).'),
  {
    title: 'asks with a handle that holds nothing',
    body: (kit) => [flow.drop(i32.wrap(call(kit.request, FAR, NONE))), SUCCESS],
    outcome: { failure: 'the guest asked for HTTP without saying what' },
  },
  {
    title: 'asks with a body that holds nothing',
    body: (kit) => [
      flow.drop(i32.wrap(call(kit.request, kit.block(urlOf('http://open.test/')), FAR))),
      kit.sayDigit(i32.eq(call(kit.status), i32.const(200))),
      SUCCESS,
    ],
    outcome: { data: '1' },
  },
  {
    title: 'asks again and again',
    body: (kit) => [
      flow.forever([flow.drop(i32.wrap(call(kit.request, kit.block(urlOf('http://open.test/')), NONE)))]),
      SUCCESS,
    ],
    outcome: { code: 'RUNTIME_GUEST_TRAP' },
  },
];
