import { ConfigError } from '../config/config-error.ts';
import { explainConfig } from '../config/explain.ts';
import { configNotes } from '../config/notes.ts';
import { formatPlace } from '../config/place.ts';
import type { ResolvedConfig } from '../config/resolve.ts';
import type { ConfigurationProblem } from '../console/api.ts';
import type { CheckedText, ConfigurationAccess, ReloadOutcome } from '../console/console-sources.ts';
import { quoted } from '../quoted.ts';
import { ConfigFile } from './config-file.ts';
import type { OpenedConfig } from './config-options.ts';
import type { ConfigFollower, Reloaded } from './follow-config.ts';

/**
 * The configuration of a gateway as its console sees and changes it.
 *
 * @param follower - Undefined until the gateway runs.
 */
export function configurationAccess(
  opened: OpenedConfig,
  follower: () => Pick<ConfigFollower, 'reload' | 'compare' | 'waitsForRestart'> | undefined,
): ConfigurationAccess {
  const [path] = opened.files;
  const file = path === undefined ? undefined : new ConfigFile(path);
  const readText = opened.readText;
  const reload = async (): Promise<ReloadOutcome> => {
    const following = follower();
    if (!following) return failure('the gateway is still starting; ask again in a moment');
    return told(await following.reload());
  };
  const check = async (text: string): Promise<CheckedText> => {
    const following = follower();
    if (!readText || !file || !following) return { ...failure('there is no file that could be changed'), notes: [] };
    try {
      const { config, warnings } = await readText(await file.withSecrets(text));
      const notes = [...warnings, ...configNotes(config)];
      return { problems: [], notes, ...following.compare(config) };
    } catch (error) {
      return { problems: problemsOf(error), notes: [], waitsForRestart: [] };
    }
  };
  const change = async (
    file: ConfigFile,
    text: string,
    revision: string,
  ): ReturnType<ConfigurationAccess['change']> => {
    const begun = await file.begin(text, revision);
    const { problems, waitsForRestart } = await check(text);
    if (problems.length > 0) return { isApplied: false, problems, waitsForRestart, ...begun.unchanged };
    const written = await begun.write();
    const outcome = await reload();
    if (outcome.isApplied) return { ...outcome, ...written };
    // It is sound as a text, and cannot be served: the next start must not fail of it.
    await begun.undo();
    return { ...outcome, ...begun.unchanged, backup: written.backup };
  };
  // One at a time: two that were read at the same revision would both find it, and one be lost.
  let changing: Promise<unknown> = Promise.resolve();
  return {
    source: opened.source,
    // Whoever reads it in the log or the console may be in any folder.
    flag: opened.flag === '' ? '' : ` --config ${quoted(opened.source)}`,
    async explain() {
      const resolved: ResolvedConfig = await opened.read();
      const notes = [...resolved.warnings, ...configNotes(resolved.config)];
      return { values: explainConfig(resolved), notes };
    },
    get waitsForRestart() {
      return follower()?.waitsForRestart ?? [];
    },
    reload,
    text: async () => file?.editable(await opened.read()),
    check,
    async change(text, revision) {
      if (!file)
        throw new ConfigError(opened.source, [
          { place: [], message: 'it was read from a pipe, and nothing can be written there' },
        ]);
      const changed = changing.then(() => change(file, text, revision));
      changing = changed.catch(() => {});
      return changed;
    },
  };
}

function told({ error, ...outcome }: Reloaded): ReloadOutcome {
  if (error !== undefined)
    return { isApplied: false, problems: problemsOf(error), waitsForRestart: outcome.waitsForRestart };
  return { isApplied: true, problems: [], ...outcome };
}

function failure(message: string): ReloadOutcome {
  return { isApplied: false, problems: [{ place: '', message }], waitsForRestart: [] };
}

function problemsOf(error: unknown): readonly ConfigurationProblem[] {
  if (!(error instanceof ConfigError)) {
    return [{ place: '', message: error instanceof Error ? error.message : String(error) }];
  }
  return error.facts.problems.map(({ place, message, line, column, source }) => ({
    place: formatPlace(place),
    message,
    ...(line !== undefined && { line }),
    ...(column !== undefined && { column }),
    ...(source !== undefined && { source }),
  }));
}
