import { symlinkSync } from 'node:fs';
import { join } from 'node:path';
import { linesProgram } from '../../fixtures/lines-program.ts';
import type { EntrySetUp } from './entry-set-up.ts';

const node =
  (script: string, more: object = {}) =>
  () => ({ command: process.execPath, args: ['-e', script], ...more });
const shell =
  (script: string, more: object = {}) =>
  () => ({ command: '/bin/sh', args: ['-c', script], ...more });
const soon = { connectTimeoutMs: 900 };

/** A server whose only tool has this schema. */
const withTool = (tool: object) => `'tools/list': () => ({ result: { tools: [${JSON.stringify(tool)}] } }),`;

const START_AS_SERVER = 'start it as an MCP server over stdio';

/** Servers that are started, and what is wrong with them. */
export const PROGRAMS: readonly EntrySetUp[] = [
  {
    what: 'a command that is misspelt',
    entry: ({ folder }) => ({ command: 'mcp-fils', env: { PATH: `${folder}/bin` } }),
    cause: 'the command "mcp-fils" was not found on PATH',
    remedy: 'did you mean "mcp-files"?',
  },
  {
    what: 'a command that is not installed',
    entry: ({ folder }) => ({ command: 'npx', args: ['-y', 'some-server'], env: { PATH: `${folder}/bin` } }),
    cause: 'the command "npx" was not found on PATH',
    remedy: 'install Node.js',
  },
  {
    what: 'arguments within the command',
    entry: () => ({ command: 'node server.js --fast' }),
    cause: 'the command "node server.js --fast" was not found',
    remedy: 'write "command": "node", "args": ["server.js", "--fast"]',
  },
  {
    what: 'a file that is not executable',
    entry: () => ({ command: './plain.sh' }),
    cause: 'the command "./plain.sh" may not be executed',
    remedy: 'chmod +x',
  },
  {
    what: 'a path that is not there',
    entry: () => ({ command: './none.sh' }),
    cause: 'the command "./none.sh" is no file',
    remedy: 'check the path',
  },
  {
    what: 'a script whose interpreter is missing',
    entry: () => ({ command: './old.sh' }),
    cause: 'wants /no/such/interpreter, which is not there',
    remedy: 'correct the first line',
  },
  {
    what: 'a module that is named as a command, and is not there',
    entry: () => ({ command: './none.wasm' }),
    cause: 'the command "./none.wasm" is no file',
    remedy: 'name it as "wasm" in place of "command"',
  },
  {
    what: 'a working folder that is missing',
    entry: () => ({ command: 'node', cwd: 'nowhere' }),
    cause: '("cwd") does not exist',
    remedy: 'correct "cwd"',
  },
  {
    what: 'a working folder that is a file',
    entry: () => ({ command: 'node', cwd: './plain.sh' }),
    cause: '("cwd") is a file, no folder',
    remedy: 'correct "cwd"',
  },
  {
    what: 'a script with lines of Windows',
    entry: () => ({ command: './returns.sh' }),
    cause: 'the first line of the command "./returns.sh" ends as lines of Windows do',
    remedy: "sed -i 's/\\r$//' ",
  },
  {
    what: 'a home folder that is not filled in',
    entry: () => ({ command: '~/mcp-files.sh' }),
    cause: 'the command "~/mcp-files.sh" is no file',
    // biome-ignore lint/suspicious/noTemplateCurlyInString: what is to be written
    remedy: 'write "${HOME}/mcp-files.sh"',
  },
  {
    what: 'a program of Windows',
    entry: () => ({ command: 'C:\\Program Files\\nodejs\\npx.cmd', args: ['-y', 'some-server'] }),
    cause: 'npx.cmd" was not found on PATH',
    remedy: 'that is a program of Windows; here write "command": "npx"',
  },
  {
    what: 'a program that cmd of Windows starts',
    entry: () => ({ command: 'cmd', args: ['/c', 'npx', '-y', 'some-server'] }),
    cause: 'the command "cmd" was not found on PATH',
    remedy: 'here write "command": "npx", and what follows it in "args"',
  },
  {
    what: 'a variable that the server wants',
    entry: node('console.error("Error: GITHUB_TOKEN is required"); process.exit(1)'),
    cause: 'it exited with code 1; its last words: Error: GITHUB_TOKEN is required',
    remedy: 'give GITHUB_TOKEN in its "env"',
  },
  {
    what: 'a variable that a Python server wants',
    entry: shell(`echo "Traceback:" >&2; echo "KeyError: 'NOTION_API_KEY'" >&2; exit 1`),
    cause: 'it exited with code 1',
    remedy: 'give NOTION_API_KEY in its "env"',
  },
  {
    what: 'a script that is not there',
    entry: () => ({ command: process.execPath, args: ['dist/none.js'] }),
    cause: 'Cannot find module',
    remedy: '/none.js in "args"',
  },
  {
    what: 'a Python package that is not installed',
    entry: shell('echo "/usr/bin/python3: No module named mcp_server_git" >&2; exit 1'),
    cause: 'it exited with code 1',
    remedy: 'install the Python package "mcp_server_git"',
  },
  {
    what: 'an npm package that does not exist',
    entry: shell(
      'echo "npm error code E404" >&2; echo "npm error 404 Not Found - GET https://registry.test/x" >&2; exit 1',
    ),
    cause: 'npm error code E404',
    remedy: 'check the name of the package in "args"',
  },
  {
    what: 'an option that the server does not know',
    entry: node('console.error("error: unknown option \'--verbos\'"); process.exit(1)'),
    cause: "unknown option '--verbos'",
    remedy: 'correct "args"',
  },
  {
    what: 'a server that wants a port that is taken',
    entry: node('console.error("Error: listen EADDRINUSE: address already in use :::3000"); process.exit(1)'),
    cause: 'EADDRINUSE',
    remedy: 'another program has its port',
  },
  {
    what: 'a wrapper that starts what is not there',
    entry: shell('exec no-such-server'),
    cause: 'it exited with code 127',
    remedy: 'install the program that it starts',
  },
  {
    what: 'a server that dies without a word',
    entry: shell('exit 3', { env: { SECRET: 'do not show me' } }),
    cause: 'it exited with code 3',
    remedy: 'start it by hand',
  },
  {
    what: 'a server that is killed',
    entry: shell('kill -9 $$'),
    cause: 'it was ended by SIGKILL',
    remedy: 'memory ran out',
  },
  {
    what: 'a program that is no MCP server',
    entry: node('console.log("usage: tool [options]")'),
    cause: 'it exited with code 0 without a word of MCP',
    remedy: START_AS_SERVER,
  },
  {
    what: 'a server of HTTP that is started as one of stdio',
    entry: node('console.log("Server listening on http://localhost:3000"); process.stdin.resume()', soon),
    cause: 'wrote to stdout "Server listening on http://localhost:3000", which is no message of MCP',
    remedy: START_AS_SERVER,
  },
  {
    what: 'a program that writes and writes',
    entry: node('setInterval(() => process.stdout.write("no message\\n".repeat(2000)))'),
    cause: 'it writes to stdout what is no message',
    remedy: START_AS_SERVER,
  },
  {
    what: 'a program that says nothing',
    entry: node('process.stdin.resume()', soon),
    cause: 'it did not answer within 900 ms',
    remedy: 'raise its "connectTimeoutMs"',
  },
  {
    what: 'a program that serves HTTP, and says so to stderr',
    entry: node('process.stdin.resume(); console.error("Running on http://0.0.0.0:8008/mcp (CTRL+C to quit)")', soon),
    cause: 'it did not answer within 900 ms, and says that it listens at http://0.0.0.0:8008',
    remedy: '"url" in place of "command"',
  },
  {
    what: 'what downloads a server and gets no further',
    entry: ({ folder }) => {
      const command = join(folder, 'npx');
      symlinkSync(process.execPath, command);
      return { command, args: ['-e', 'process.stdin.resume()'], ...soon };
    },
    cause: 'it did not answer within 900 ms',
    remedy:
      'as a first start that downloads it does; of your environment it gets paths, certificates and proxies: what',
  },
  {
    what: 'a server that does not list',
    // Long enough for a program to start on a machine that has much else to do.
    entry: node(linesProgram("'tools/list': () => 'open',"), { connectTimeoutMs: 4_000 }),
    cause: 'it did not answer with its lists within 4000 ms',
    remedy: 'raise its "connectTimeoutMs"',
  },
  {
    what: 'a server that refuses every revision',
    entry: node(
      linesProgram("initialize: () => ({ error: { code: -32602, message: 'Unsupported protocol version' } }),"),
    ),
    cause: 'it answered with an error: Unsupported protocol version',
    remedy: 'one of the MCP revisions 2026-07-28, 2025-11-25',
  },
  {
    what: 'a server of a revision that nobody knows',
    entry: node(linesProgram("initialize: () => ({ result: { ...hello, protocolVersion: '1999-01-01' } }),")),
    status: 'warning',
    cause: 'it chose the MCP revision "1999-01-01"',
    remedy: 'tell its author',
  },
  {
    what: 'a server that logs to stdout',
    entry: node(`console.log('starting up');${linesProgram('')}`),
    status: 'warning',
    cause: 'it writes to stdout "starting up"',
    remedy: 'belongs on stderr',
  },
  {
    what: 'a server that offers nothing',
    entry: node(linesProgram("'tools/list': () => ({ result: { tools: [] } }),")),
    status: 'warning',
    cause: 'it offers no tool, no resource and no prompt',
    remedy: 'check its "args" and "env"',
  },
  {
    what: 'a tool that strict clients refuse',
    entry: node(linesProgram(withTool({ name: 'bare', inputSchema: { properties: {} } }))),
    status: 'warning',
    cause: 'the tool "bare" is left out',
    remedy: 'tell the author of the server',
  },
  {
    what: 'a schema that is none',
    entry: node(
      linesProgram(
        withTool({
          name: 'odd',
          inputSchema: { type: 'object', properties: { a: { type: 'text' }, b: { $ref: '#/$defs/none' } } },
        }),
      ),
    ),
    status: 'warning',
    cause: '"properties.b.$ref" leads nowhere: "#/$defs/none"',
    remedy: 'tell the author of the server',
  },
  {
    what: 'a schema that leaves models to guess',
    entry: node(linesProgram(withTool({ name: 'vague', inputSchema: { type: 'object', properties: { a: {} } } }))),
    status: 'note',
    cause: '"properties.a" has no type',
    remedy: 'models have to guess',
  },
  {
    what: 'a name too long for clients',
    entry: node(linesProgram(withTool({ name: 'long_'.repeat(13), inputSchema: { type: 'object' } }))),
    status: 'note',
    cause: 'one tool has a name that many clients refuse',
    remedy: 'shorter "prefix"',
  },
  {
    what: 'a tool that is to be served and is not there',
    entry: node(linesProgram(''), { tools: ['anny'] }),
    status: 'warning',
    cause: '"tools" names "anny"',
    remedy: 'did you mean "any"?',
  },
];
