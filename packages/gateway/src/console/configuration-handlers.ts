import { accountable } from './accountable.ts';
import type {
  Configuration,
  ConfigurationApplied,
  ConfigurationChange,
  ConfigurationReloaded,
  ConfigurationText,
  ConfigurationVerdict,
} from './api.ts';
import { ApiFailure, badRequest, notAvailable } from './api-failure.ts';
import type { ApiHandler } from './api-handler.ts';
import type { ConfigurationAccess, ConsoleSources, ReloadOutcome } from './console-sources.ts';

/** The configuration with the source of each value, and changes of it where they are allowed. */
export function configurationHandlers(
  { config, logger, observer, redact }: Pick<ConsoleSources, 'config' | 'logger' | 'observer' | 'redact'>,
  access: ConfigurationAccess | undefined,
): readonly ApiHandler[] {
  const mayChange = (): boolean => {
    const { console } = config().gateway;
    return typeof console === 'object' && console.allowConfigurationChanges;
  };
  // A secret that somebody has moved to where none belongs, such as into a name, stays one.
  const masked = <T>(value: T): T => withTexts(value, redact) as T;
  const mustHave = (): ConfigurationAccess => {
    if (access) return access;
    throw notAvailable('This gateway runs inside another program, which knows its configuration', 'Ask that program');
  };
  const view = async (isOperator: boolean): Promise<Configuration> => {
    const file = mustHave();
    const { values, notes } = await file.explain();
    const isOpen = mayChange() && isOperator;
    const text = isOpen ? await file.text() : undefined;
    const shown = masked({ values, notes });
    const { source, waitsForRestart } = file;
    return { source, ...shown, waitsForRestart, mayChange: text !== undefined, ...text };
  };
  const check = async (body: unknown): Promise<ConfigurationVerdict> => {
    const { problems, notes, difference, waitsForRestart } = await mustHave().check(textOf(body));
    const isUsable = problems.length === 0;
    return masked({ isUsable, problems, notes, waitsForRestart, ...(difference && { difference }) });
  };
  const change = async (body: unknown, by: string): Promise<ConfigurationApplied> => {
    const file = mustHave();
    if (!mayChange()) {
      throw new ApiFailure(403, 'NOT_ALLOWED', 'This gateway takes no changes of its configuration from the console', {
        remedy:
          'Edit the file, or set "gateway.console": {"allowConfigurationChanges": true} and start the gateway anew',
      });
    }
    const { revision } = (body ?? {}) as Partial<ConfigurationChange>;
    if (typeof revision !== 'string') throw badRequest('"revision" is missing: what GET configuration said');
    logger.info({ by }, 'somebody changes the configuration in the console');
    const text = textOf(body);
    const {
      backup,
      revision: now,
      ...outcome
    } = await accountable(observer, { by, action: 'write configuration' }, () => file.change(text, revision), unusable);
    return { ...masked(told(outcome)), backup, revision: now };
  };
  return [
    {
      method: 'GET',
      path: 'configuration',
      role: 'viewer',
      handle: ({ visitor }) => view(visitor.role === 'operator'),
    },
    { method: 'POST', path: 'configuration/check', role: 'operator', handle: ({ body }) => check(body) },
    {
      method: 'PUT',
      path: 'configuration',
      role: 'operator',
      handle: ({ body, visitor }) => change(body, visitor.name),
    },
    {
      method: 'POST',
      path: 'configuration/reload',
      role: 'operator',
      handle: async ({ visitor: { name: by } }): Promise<ConfigurationReloaded> => {
        const file = mustHave();
        const action = { by, action: 'reload configuration' } as const;
        return masked(told(await accountable(observer, action, () => file.reload(), unusable)));
      },
    },
  ];
}

/** Why a configuration that was read is not what is served. */
function unusable({ isApplied }: ReloadOutcome): string | undefined {
  return isApplied ? undefined : 'GATEWAY_CONFIG';
}

/** A value with each of its texts changed; its own keys are the API's. */
function withTexts(value: unknown, change: (text: string) => string): unknown {
  if (typeof value === 'string') return change(value);
  if (Array.isArray(value)) return value.map((item) => withTexts(item, change));
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([key, item]) => [key, withTexts(item, change)]));
}

function textOf(body: unknown): string {
  const { text } = (body ?? {}) as Partial<ConfigurationText>;
  if (typeof text !== 'string') throw badRequest('"text" is missing: the whole configuration as a text');
  return text;
}

function told({
  isApplied,
  problems,
  difference,
  waitsForRestart,
  appliedBefore,
  replaced,
}: ReloadOutcome): ConfigurationReloaded {
  const more = {
    ...(difference && { difference }),
    ...(appliedBefore && { appliedBefore }),
    ...(replaced !== undefined && { replaced }),
  };
  return { isApplied, problems, waitsForRestart, ...more };
}
