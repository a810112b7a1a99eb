// Options that run code, wait or write reports: a child that only compiles must not inherit them. Everything else
// stays, since V8's flags are part of what an entry is good for.
const WITH_VALUE =
  /^(-r|-e|-p|-pe|--require|--import|--loader|--experimental-loader|--eval|--print|--env-file|--title)$/;
const ALONE =
  /^(-i|-c|--interactive|--check|--test|--watch|--inspect|--cpu-prof|--heap-prof|--run|--env-file|--require|--import|--loader|--experimental-loader|--eval|--print|--title|--build-sea|--experimental-sea-config|--report|--prof\b|--diagnostic-dir|--input-type|--entry-url)/;

/** The options of this process that a child needs so that its V8 runs under the same flags. */
export function childArguments(execArgv: readonly string[]): string[] {
  const kept: string[] = [];
  for (let i = 0; i < execArgv.length; i++) {
    const argument = execArgv[i] ?? '';
    if (WITH_VALUE.test(argument)) i++;
    else if (!ALONE.test(argument)) kept.push(argument);
  }
  return kept;
}

/** The environment of this process, its NODE_OPTIONS freed of what a child must not inherit. */
export function childEnvironment(env: NodeJS.ProcessEnv): NodeJS.ProcessEnv {
  const { NODE_OPTIONS = '', ...rest } = env;
  const options = childArguments(NODE_OPTIONS.split(/\s+/).filter((option) => option !== ''));
  return options.length > 0 ? { ...rest, NODE_OPTIONS: options.join(' ') } : rest;
}
