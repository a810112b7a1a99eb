import { expect, test } from 'vitest';
import { remedyOf } from '../../src/transport/last-words.ts';

const of = (...lines: readonly string[]) => remedyOf({ exitCode: 1, signal: null, lines });

test.each([
  'Error: GITHUB_TOKEN is required',
  'GITHUB_TOKEN environment variable is not set',
  'Missing required environment variable: GITHUB_TOKEN',
  'Please set GITHUB_TOKEN',
  'required env var "GITHUB_TOKEN" missing',
  'GITHUB_TOKEN must be set',
  "KeyError: 'GITHUB_TOKEN'",
])('%s names the variable to give', (line) => {
  expect(of('Traceback (most recent call last):', line, 'Node.js v26')).toBe('give GITHUB_TOKEN in its "env"');
});

test.each(['NODE_ENV is production', 'ERR_MODULE_NOT_FOUND: it is missing', 'listening', ''])(
  '%s asks for no variable',
  (line) => {
    expect(of(line) ?? '').not.toContain('"env"');
  },
);

test.each([
  ['python3: No module named mcp_nothing', 'install the Python package "mcp_nothing" for'],
  [
    "python3: No module named xml.__main__; 'xml' is a package and cannot be directly executed",
    '"xml" is installed and is no program',
  ],
  [
    "python3: Error while finding module specification for 'nope.x' (ModuleNotFoundError: No module named 'nope')",
    'install the Python package "nope" for',
  ],
  ["ModuleNotFoundError: No module named 'mcp.server'", 'the Python package "mcp" for'],
  ["python3: can't open file '/a/none.py': [Errno 2] No such file or directory", 'check the path /a/none.py in "args"'],
  ["Error: Cannot find module '/a/none.mjs'", 'check the path /a/none.mjs in "args"'],
  ["Error: Cannot find module 'zod'", 'install "zod"'],
  ['Can\'t open perl script "/a/no.pl": No such file or directory', 'check the path /a/no.pl in "args"'],
  [
    "Can't locate Nope/X.pm in @INC (you may need to install the Nope::X module) (@INC contains: /etc/perl)",
    'install the Perl module "Nope::X"',
  ],
  ['ruby: No such file or directory -- no.rb (LoadError)', 'check the path no.rb in "args"'],
  ['in `require`: cannot load such file -- mcp (LoadError)', 'install the Ruby gem "mcp"'],
  ['Error: Unable to access jarfile /a/no.jar', 'check the path /a/no.jar in "args"'],
  ['Caused by: java.lang.ClassNotFoundException: Nope', 'check the name of the class Nope in "args"'],
  ['Could not open input file: no.php', 'check the path no.php in "args"'],
  ['bash: /a/no.sh: No such file or directory', 'check the path /a/no.sh in "args"'],
  ['dash: 0: cannot open /a/no.sh: No such file', 'check the path /a/no.sh in "args"'],
  ['error: Module not found "file:///a/no.ts".', 'check the path or name file:///a/no.ts in "args"'],
  ['error: Failed to spawn: `mcp-nope`', 'check the name of the program "mcp-nope" in "args"'],
])('%s, of an interpreter, says what is missing', (line, remedy) => {
  expect(of(line)).toContain(remedy);
});

test('the last line that says something counts, then the signal, then the code', () => {
  expect(of("Cannot find module './a.js'", 'API_KEY is missing')).toBe('give API_KEY in its "env"');
  expect(remedyOf({ exitCode: null, signal: 'SIGSEGV', lines: ['bye'] })).toContain('the program itself has a fault');
  expect(remedyOf({ exitCode: 127, signal: null, lines: [] })).toContain('install the program that it starts');
  expect(remedyOf({ exitCode: 1, signal: null, lines: ['bye'] })).toBeUndefined();
});
