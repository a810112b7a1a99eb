// biome-ignore-all lint/suspicious/noTemplateCurlyInString: the configuration's own variables
import { expect, test } from 'vitest';
import { folderWith, type LockgateWorld, runLockgate } from './run-lockgate.ts';

interface Mistake {
  readonly args: string;
  readonly files?: Readonly<Record<string, string>>;
  readonly world?: LockgateWorld;
  readonly code?: number;
  /** What stdout says, where it matters. */
  readonly shown?: string;
  /** Lines of stderr; `<here>` is the working folder. */
  readonly told: readonly string[];
}

const SERVER = '{"mcpServers":{"a":{"url":"https://a.test"}}}';

const MISTAKES: Readonly<Record<string, Mistake>> = {
  'lines of an env file that assign nothing': {
    args: 'config check --env bad.env',
    files: {
      'lockgate.json': SERVER,
      'bad.env': '# mine\nA=1\nhush\nexport B="two\nlines"\nC=\'open\nnot this: 1\n D = 4\n',
    },
    told: ['error: <here>/bad.env:3: not NAME=value', 'error: <here>/bad.env:7: not NAME=value'],
  },
  'an env file that is not there': {
    args: 'config check --env none.env',
    files: { 'lockgate.json': SERVER },
    told: ['error: <here>/none.env: cannot read the env file: there is no such file'],
  },
  'a configuration that is not there': {
    args: 'config check -c none.json',
    told: ['error: <here>/none.json: there is no such file'],
  },
  'a folder without a configuration': {
    args: 'serve',
    told: [
      'error: no configuration: there is no lockgate.json, lockgate.jsonc, lockgate.yaml, lockgate.yml in <here>. "lockgate init" makes one of what your MCP clients have; else name one with --config <file>, or pipe one in with --config-stdin.',
    ],
  },
  'a profile that is not there': {
    args: 'serve --stdio --profile som',
    files: { 'lockgate.json': '{"profiles":{"some":{}}}' },
    told: ['error: --profile: there is no profile "som"; did you mean "some"? (known: some)'],
  },
  'a profile and a server': {
    args: 'serve --stdio --profile some --server a',
    files: { 'lockgate.json': '{"profiles":{"some":{}}}' },
    told: ['error: --server and --profile both say what is served: give one of them'],
  },
  'a profile over HTTP': {
    args: 'serve --profile some',
    files: { 'lockgate.json': '{"profiles":{"some":{}}}' },
    told: ['error: --profile goes with --stdio; over HTTP each profile has its /mcp/@<name>'],
  },
  'several processes over a pipe': {
    args: 'serve --processes 2 --stdio',
    files: { 'lockgate.json': '{}' },
    told: ['error: --processes does not go with --stdio: a pipe has one client, which one process serves'],
  },
  'no number of processes': {
    args: 'serve --processes many',
    files: { 'lockgate.json': '{}' },
    told: ['error: --processes: expected a number from 1 to 64, or "auto", got "many"'],
  },
  'a configuration that is a folder': {
    args: 'config check -c .',
    told: ['error: <here>: cannot read the file: it is a folder'],
  },
  'arguments that are not there': {
    args: 'call a__b @none.json',
    files: { 'lockgate.json': SERVER },
    told: ['error: <here>/none.json: cannot read the arguments: there is no such file'],
  },
  'modules that are folders': {
    args: 'cache warm .',
    code: 1,
    told: ['error: not compiled: .'],
    shown: '.  failed  cannot read <here>: it is a folder; name a file in it  0 ms',
  },
  'plugins that are folders': {
    args: 'config check',
    files: { 'lockgate.json': '{"plugins":{"a":{"path":"."}}}' },
    told: ['error: plugins.a.path: <here>: cannot read the file: it is a folder; name a file in it'],
  },
  'arguments and a configuration that both come from stdin': {
    args: 'call a__b - --config-stdin',
    world: { stdin: SERVER },
    told: ['error: the arguments and --config-stdin both want stdin; give the arguments as @file, or name a --config'],
  },
  'a configuration in a file and on stdin': {
    args: 'config check --config-stdin -c lockgate.json',
    world: { stdin: SERVER },
    told: ['error: --config and --config-stdin both name a configuration; keep one'],
  },
  'directories of guests that are not there, or are none': {
    args: 'config check',
    files: {
      'lockgate.json':
        '{"mcpServers":{"a":{"wasm":"a.wasm","storage":["fs://notes:ro","fs://a.wasm:rw","kv:memory"]}}}',
      'a.wasm': '',
    },
    code: 2,
    told: [
      'note: mcpServers.a.storage[0]: the directory <here>/notes is not there; make it where this is served, or correct it',
      'note: mcpServers.a.storage[1]: <here>/a.wasm is no directory; grant the one that it is in',
      expect.stringContaining('error: mcpServers.a.wasm: <here>/a.wasm:'),
    ],
  },
  'a configuration of nothing': {
    args: 'config check',
    files: { 'lockgate.json': '{}' },
    code: 0,
    told: ['note: nothing to serve: neither "plugins" nor "mcpServers" holds an entry that is switched on'],
  },
  'an empty file': {
    args: 'config check',
    files: { 'lockgate.json': '\n' },
    told: ['error: <here>/lockgate.json: the file is empty: nothing to serve'],
  },
  'variables that only a switched-off server lacks': {
    args: 'config check',
    files: {
      'lockgate.json':
        '{"mcpServers":{"a":{"url":"https://a.test"},"off":{"url":"${NOWHERE}","headers":{"A":"${input:b}"},"disabled":true}}}',
    },
    code: 0,
    told: [],
  },
  'a port that none can be': {
    args: 'config check --listen 127.0.0.1:99999',
    files: { 'lockgate.json': SERVER },
    told: [
      'error: --listen: expected "host:port", "[v6]:port" or a port from 0 to 65535, e.g. "127.0.0.1:3000", got "127.0.0.1:99999"',
    ],
  },
  'half of a certificate': {
    args: 'config check --tls-cert c.pem',
    files: { 'lockgate.json': SERVER },
    told: ['error: --tls-cert: needs --tls-key: PEM file of the private key'],
  },
  ...Object.fromEntries(
    (
      [
        [
          'a path of Windows',
          '{"plugins":{"a":{"path":"C:\\Users"}}}',
          '1:25: broken JSON: in a text a backslash is written twice, as in "C:\\\\Users\\\\me"',
        ],
        [
          'curly quotes',
          '{ “mcpServers”: {} }',
          '1:3: broken JSON: texts stand in straight double quotes ("), not in curly ones',
        ],
        [
          'no braces',
          '"mcpServers": {}',
          '1:13: broken JSON: braces are missing around the whole: { "mcpServers": {...} }',
        ],
        ['an open text', '{"mcpServers', '1:2: broken JSON: a text has no double quote at its end'],
        [
          'a bare server',
          '{"x":{"command":"npx"}}',
          '1:6: x: this is a server; servers stand in "mcpServers": {"x": {...}}',
        ],
        [
          'a number in the arguments',
          '{"mcpServers":{"a":{"command":"a","args":[8080]}}}',
          '1:43: mcpServers.a.args[0]: expected a text, got 8080; write "8080"',
        ],
        [
          'a number in a secret place',
          '{"mcpServers":{"a":{"command":"a","env":{"A":8080}}}}',
          '1:46: mcpServers.a.env.A: expected a text, got a number; put it in double quotes',
        ],
        [
          'arguments as a text',
          '{"mcpServers":{"a":{"command":"a","args":"-y x"}}}',
          '1:42: mcpServers.a.args: expected a list, got "-y x"; write ["-y","x"]',
        ],
      ] as const
    ).map(([what, text, told]): [string, Mistake] => [
      what,
      { args: 'config check', files: { 'lockgate.json': text }, told: [`error: <here>/lockgate.json:${told}`] },
    ]),
  ),
  'a topic of help that is no command': {
    args: 'help serv',
    told: [
      "error: unknown command 'serv'",
      '(Did you mean serve?)',
      expect.stringMatching(/^\(lockgate has: init, serve, .*audit\)$/) as unknown as string,
    ],
  },
  'a topic of help that a command does not have': {
    args: 'config help chek',
    told: [
      "error: unknown command 'chek'",
      '(Did you mean check?)',
      expect.stringMatching(/^\(lockgate config has: .*check.*\)$/) as unknown as string,
    ],
  },
  'a part of a command that has another for when none is named': {
    args: 'approvals frob',
    told: ["error: unknown command 'frob'", '(lockgate approvals has: list, approve, deny)'],
  },
  'a part of another command of that kind, by a slip': {
    args: 'pins aprove a/b',
    told: [
      "error: unknown command 'aprove'",
      '(Did you mean approve?)',
      '(lockgate pins has: list, approve, forget, write, verify)',
    ],
  },
  'a login to a program, which needs no key to keep it either': {
    args: 'connect a',
    files: { 'lockgate.json': '{"mcpServers":{"a":{"command":"node"}}}' },
    told: ['error: nobody logs in to "a": it is a program, or "headers" have its credential'],
  },
  'options before the command': {
    args: '--config lockgate.json call a__b',
    told: ["error: unknown option '--config'", '(Options stand after the command: lockgate call --config ...)'],
  },
};

test.each(Object.entries(MISTAKES))(
  '%s are told with what to do',
  async (_what, { args, files = {}, world, code = 2, shown = '', told }) => {
    const workingFolder = await folderWith(files);
    const run = await runLockgate(args.split(' '), { ...world, workingFolder });
    const lines = run.stderr
      .replaceAll(workingFolder, '<here>')
      .split('\n')
      .filter((line) => line !== '');
    expect(lines).toEqual(told);
    expect(run.code).toBe(code);
    expect(run.stdout.replaceAll(workingFolder, '<here>')).toContain(shown);
  },
);

test('a configuration on stdin is not taken for the arguments of a call', async () => {
  const { stderr } = await runLockgate(['call', 'a__b', '--config-stdin'], { stdin: '{"mcpServers":{"a":5}}' });
  expect(stderr).toContain('mcpServers.a: expected an object, got 5');
});
