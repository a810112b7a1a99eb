import { type ChildProcess, spawn } from 'node:child_process';
import { Socket } from 'node:net';

/**
 * What the keeper runs: it notes the groups that it is told of, one a line, "+" for one that has started and "-" for one
 * that is gone. When the pipe ends, the gateway has ended, however that came about: what is still noted ends too.
 */
const SCRIPT = `
trap '' HUP INT QUIT TERM TSTP
groups=' '
while read -r line; do
  group=\${line#?}
  case $line in
    +*) groups="$groups$group " ;;
    -*) case $groups in *" $group "*) groups="\${groups%% $group *} \${groups#* $group }" ;; esac ;;
  esac
done
end() { for group in $groups; do kill -s "$1" -- "-$group"; done; }
case $groups in *[0-9]*) end TERM; sleep 2; end KILL ;; esac
`;

/**
 * Ends the programs of a gateway that was killed and could not end them itself. It is one small shell in a session of its
 * own, so that no Ctrl-C and no hang-up of a terminal reaches it; it starts with the first program, and ends with the gateway.
 * Where there is no `/bin/sh`, nothing is kept.
 */
export class GroupKeeper {
  readonly #groups = new Set<number>();
  #shell: ChildProcess | undefined;
  /** Whether one that was lost may be replaced: once for each program, since one that cannot run is lost each time. */
  #mayReplace = false;

  /** A program leads this group: it ends when the gateway does. */
  note(group: number): void {
    this.#groups.add(group);
    this.#mayReplace = true;
    if (this.#shell) this.#tell(`+${group}\n`);
    else this.#start();
  }

  /** Nothing of this group is left, and its number may soon be somebody else's. */
  forget(group: number): void {
    if (this.#groups.delete(group)) this.#tell(`-${group}\n`);
  }

  /** It ends by itself, with whatever is still noted. */
  close(): void {
    this.#shell?.stdin?.end();
    this.#shell = undefined;
  }

  #start(): void {
    const shell = spawn('/bin/sh', ['-c', SCRIPT, 'lockgate-keeper'], {
      cwd: '/',
      env: { PATH: process.env.PATH ?? '/usr/bin:/bin' },
      stdio: ['pipe', 'ignore', 'ignore'],
      detached: true,
    });
    this.#shell = shell;
    const lost = (): void => {
      if (this.#shell !== shell) return;
      this.#shell = undefined;
      if (!this.#mayReplace || this.#groups.size === 0) return;
      this.#mayReplace = false;
      this.#start();
    };
    shell.once('error', lost);
    shell.once('exit', lost);
    shell.stdin?.on('error', lost);
    shell.unref();
    if (shell.stdin instanceof Socket) shell.stdin.unref();
    this.#tell([...this.#groups].map((group) => `+${group}\n`).join(''));
  }

  #tell(lines: string): void {
    this.#shell?.stdin?.write(lines);
  }
}
