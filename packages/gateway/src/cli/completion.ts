import { Argument, type Command } from 'commander';
import type { Terminal } from './terminal.ts';

const SHELLS = ['bash', 'zsh', 'fish'] as const;
type Shell = (typeof SHELLS)[number];

/** One command as a shell completes it. */
interface Entry {
  /** `lockgate`, `lockgate config explain`, ... */
  readonly path: string;
  readonly words: readonly { readonly word: string; readonly help: string }[];
}

/** `lockgate completion bash | zsh | fish`. */
export function addCompletionCommand(program: Command, terminal: Terminal): void {
  program
    .command('completion')
    .description('print a completion script for a shell')
    .addArgument(new Argument('<shell>', 'the shell').choices(SHELLS))
    .addHelpText(
      'after',
      `
Examples:
  lockgate completion bash >> ~/.bashrc
  lockgate completion zsh > "\${fpath[1]}/_lockgate"
  lockgate completion fish > ~/.config/fish/completions/lockgate.fish
`,
    )
    .action((shell: Shell) => {
      terminal.stdout.write(scripts[shell](entriesOf(program, program.name())));
    });
}

function entriesOf(command: Command, path: string): readonly Entry[] {
  const children = command.commands.filter((child) => child.name() !== 'help');
  const words = [
    ...children.map((child) => ({ word: child.name(), help: child.description() })),
    ...command.options
      .filter(({ hidden }) => !hidden)
      .map(({ long, short, description }) => ({ word: long ?? short ?? '', help: description })),
    { word: '--help', help: 'show help' },
  ];
  return [{ path, words }, ...children.flatMap((child) => entriesOf(child, `${path} ${child.name()}`))];
}

/** Where a word is no command and no flag, files are completed: most values are files. */
const scripts: Readonly<Record<Shell, (entries: readonly Entry[]) => string>> = {
  bash: (entries) => `_lockgate() {
  local path=lockgate word index
  for ((index = 1; index < COMP_CWORD; index++)); do
    word="\${COMP_WORDS[index]}"
    case "$path $word" in
${entries
  .slice(1)
  .map(({ path }) => `      "${path}") path="${path}" ;;\n`)
  .join('')}    esac
  done
  local words
  case "$path" in
${entries.map(({ path, words }) => `    "${path}") words="${words.map(({ word }) => word).join(' ')}" ;;\n`).join('')}  esac
  COMPREPLY=($(compgen -W "$words" -- "\${COMP_WORDS[COMP_CWORD]}"))
}
complete -o default -F _lockgate lockgate
`,
  zsh: (entries) => `#compdef lockgate
_lockgate() {
  local at=lockgate word
  for word in "\${words[@]:1:$((CURRENT - 2))}"; do
    case "$at $word" in
${entries
  .slice(1)
  .map(({ path }) => `      "${path}") at="${path}" ;;\n`)
  .join('')}    esac
  done
  local -a candidates
  case "$at" in
${entries.map(({ path, words }) => `    "${path}") candidates=(${words.map(({ word, help }) => quote(`${word}:${help}`)).join(' ')}) ;;\n`).join('')}  esac
  _describe 'lockgate' candidates || _files
}
compdef _lockgate lockgate
`,
  fish: (entries) =>
    entries
      .flatMap(({ path, words }) => {
        const [, ...commands] = path.split(' ');
        const seen = commands.map((command) => `__fish_seen_subcommand_from ${command}`);
        const children = entries
          .filter((entry) => entry.path.startsWith(`${path} `))
          .map((entry) => entry.path.split(' ').at(-1));
        const without = children.length > 0 ? [`not __fish_seen_subcommand_from ${children.join(' ')}`] : [];
        const condition = [...seen, ...without].join('; and ');
        return words.map(({ word, help }) => {
          const what = word.startsWith('--') ? `-l ${word.slice(2)}` : `-a ${word}`;
          return `complete -c lockgate -n ${quote(condition)} ${what} -d ${quote(help)}\n`;
        });
      })
      .join(''),
};

function quote(text: string): string {
  return `'${text.replaceAll("'", "'\\''")}'`;
}
