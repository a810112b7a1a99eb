/** How a program ended: by itself with a code, or by a signal. */
export interface ProgramExit {
  readonly exitCode: number | null;
  readonly signal: NodeJS.Signals | null;
}

/** How a program ended, and what it wrote to stderr before. */
export interface Ending extends ProgramExit {
  /** Lines of stderr, the last one last, without secrets. */
  readonly lines: readonly string[];
}

/** A variable of the environment, as people write them; codes of errors look the same. */
const NAME = String.raw`\b(?!ERR_)([A-Z][A-Z0-9]*(?:_[A-Z0-9]+)+|[A-Z]*(?:TOKEN|KEY|SECRET))\b`;
const LACKS =
  'required|missing|undefined|unset|empty|not (?:set|defined|found|provided|given|configured)|must be (?:set|provided|given)|needs? to be';
const WANTS = '[Mm]issing|[Rr]equires?|[Rr]equired|[Pp]rovide|[Uu]ndefined|[Pp]lease set|[Mm]ust set|[Nn]o value for';

/** What programs say that lack something, and what to do then. The first that fits counts. */
const SAYINGS: readonly (readonly [RegExp, (match: RegExpExecArray) => string])[] = [
  [new RegExp(`${NAME}.{0,60}?\\b(?:${LACKS})\\b`), ([, name]) => `give ${name} in its "env"`],
  [new RegExp(`\\b(?:${WANTS})\\b.{0,60}?${NAME}`), ([, name]) => `give ${name} in its "env"`],
  [/KeyError: '([A-Z][A-Z0-9_]*)'/, ([, name]) => `give ${name} in its "env"`],
  [
    /No module named ([\w.]+)\.__main__/,
    ([, name]) =>
      `"${name}" is installed and is no program: write one of its modules behind "-m", or its own program as "command"`,
  ],
  [/No module named '?([\w.]+)/, ([, name = '']) => pythonPackage(name)],
  [
    /Cannot find (?:module|package) '(\/[^']+)'/,
    ([, path]) => `check the path ${path} in "args", or install or build what it is a part of`,
  ],
  [/Cannot find (?:module|package) '([^']+)'/, ([, name]) => `check the path in "args", or install "${name}"`],
  [
    /Can't locate \S+ in @INC \(you may need to install the (\S+) module\)/,
    ([, name]) => `install the Perl module "${name}"`,
  ],
  [
    /cannot load such file -- (\/\S+)|No such file or directory -- (\S+) \(LoadError\)/,
    ([, one, other]) => checkPath(one ?? other),
  ],
  [/cannot load such file -- (\S+)/, ([, name]) => `install the Ruby gem "${name}"`],
  [/Unable to access jarfile (.+)|Could not open input file: (.+)/, ([, one, other]) => checkPath(one ?? other)],
  [
    /Could not find or load main class (\S+)|ClassNotFoundException: (\S+)/,
    ([, one, other]) => `check the name of the class ${one ?? other} in "args", and where its classes lie ("-cp")`,
  ],
  [/can't open file '([^']+)'|Can't open perl script "([^"]+)"/, ([, one, other]) => checkPath(one ?? other)],
  [/^(?:\S*\/)?(?:ba|da|z|k)?sh: (?:\d+: )?(?:cannot open )?(\S+): No such file/, ([, path]) => checkPath(path)],
  [/(?:Module|Script) not found "([^"]+)"/, ([, path]) => `check the path or name ${path} in "args"`],
  [/application to execute does not exist: '([^']+)'/, ([, path]) => checkPath(path)],
  [
    /Failed to spawn: `([^`]+)`|executable named `([^`]+)` is not provided/,
    ([, one, other]) => `check the name of the program "${one ?? other}" in "args": the package has none of this name`,
  ],
  [/npm (?:error|ERR!) (?:code )?E?404\b/, () => 'check the name of the package in "args": the registry has none'],
  [/not found in the package registry|No solution found/, () => 'check the name of the package in "args"'],
  [/Cannot connect to the Docker daemon|docker daemon is not running/i, () => 'start Docker'],
  [
    /(?:EADDRINUSE|address already in use)/i,
    () => 'another program has its port: is the server running already? Give its "url" then',
  ],
  [
    /(?:unknown|unrecognized|unexpected|invalid) (?:option|argument|flag)s?\b|flag provided but not defined/i,
    () => 'correct "args": it does not know one of them',
  ],
  [
    /Unsupported engine|requires Node|SyntaxError: Unexpected/i,
    () => 'give it the version of its language that it needs',
  ],
  [/ECONNREFUSED|ENOTFOUND|getaddrinfo/, () => 'what it connects to cannot be reached: check its "env" and "args"'],
  [/EACCES|Permission denied/i, () => 'it may not use a file that it needs: check permissions'],
];

/** What is installed has the first word of a module's name. */
function pythonPackage(name: string): string {
  const [top = name] = name.split('.');
  return top === name
    ? `install the Python package "${name}" for the Python that is started`
    : `install the Python package "${top}" for the Python that is started, in a version that has "${name}", or correct the name in "args"`;
}

function checkPath(path: string | undefined): string {
  return `check the path ${path} in "args"`;
}

const BY_SIGNAL: Readonly<Partial<Record<NodeJS.Signals, string>>> = {
  SIGKILL: 'somebody killed it, or memory ran out: look at the log of the system',
  SIGSEGV: 'the program itself has a fault: install another version of it',
  SIGABRT: 'the program itself gave up: install another version of it, or give it more memory',
  SIGILL: 'the program was built for another processor',
};

/** Exit codes of shells. */
const BY_CODE: ReadonlyMap<number | null, string> = new Map([
  [126, 'make the program executable that it starts'],
  [127, 'install the program that it starts, or correct its name'],
]);

/** What to do about the end of a program, as far as its last words, its signal or its code tell. */
export function remedyOf({ exitCode, signal, lines }: Ending): string | undefined {
  for (const line of lines.toReversed()) {
    for (const [pattern, remedy] of SAYINGS) {
      const match = pattern.exec(line);
      if (match) return remedy(match);
    }
  }
  return (signal === null ? undefined : BY_SIGNAL[signal]) ?? BY_CODE.get(exitCode);
}
