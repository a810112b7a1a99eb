import { silentPeer } from '../protocol/silent-peer.ts';
import { accountable } from './accountable.ts';
import type { PluginVersions, UpstreamAction, UpstreamActionAnswer, UpstreamDetail, UpstreamList } from './api.ts';
import { ApiFailure, notFound } from './api-failure.ts';
import type { ApiHandler } from './api-handler.ts';
import type { ConsoleSources, LogLines } from './console-sources.ts';
import { linesAfter } from './log-view.ts';
import { upstreamView, upstreamViews } from './upstream-view.ts';

/** Lines of the log that are shown of one server. */
const LOG_LINES = 100;

const SAID: Readonly<Record<UpstreamAction, string>> = {
  restart: 'It is started anew; calls that ran on it may end.',
  disable: 'It is off until somebody switches it on, or the gateway is started anew. The configuration stays as it is.',
  enable: 'It is on again, as the configuration says.',
  reload: 'The version that its source has now is live.',
  rollback: 'The version before is live. The next reload, or change of its file, brings what the source has.',
};

export function upstreamHandlers(sources: ConsoleSources, log: LogLines | undefined): readonly ApiHandler[] {
  const act = async (name: string, action: string, by: string): Promise<UpstreamActionAnswer> => {
    const view = found(name, sources);
    if (!Object.hasOwn(SAID, action))
      throw notFound(`There is no action "${action}"; there are ${Object.keys(SAID).join(', ')}`);
    if (!view.actions.includes(action as UpstreamAction)) throw cannot(name, action, view.actions);
    sources.logger.info({ server: name, action, by }, 'somebody acts on a server or plugin in the console');
    const done = { by, action: action as UpstreamAction, server: name };
    await accountable(sources.observer, done, () => carryOut(name, done.action, sources));
    return { message: SAID[action as UpstreamAction], upstream: found(name, sources) };
  };
  return [
    {
      method: 'GET',
      path: 'upstreams',
      role: 'viewer',
      handle: (): UpstreamList => ({ upstreams: upstreamViews(sources) }),
    },
    {
      method: 'GET',
      path: 'upstreams/:name',
      role: 'viewer',
      handle: ({ params: { name = '' } }) => detailOf(name, sources, log),
    },
    {
      method: 'POST',
      path: 'upstreams/:name/:action',
      role: 'operator',
      handle: ({ params: { name = '', action = '' }, visitor }) => act(name, action, visitor.name),
    },
  ];
}

function found(name: string, sources: ConsoleSources) {
  const view = upstreamView(name, sources);
  if (!view) throw notFound(`The configuration has no server or plugin "${name}"`);
  return view;
}

function cannot(name: string, action: string, actions: readonly UpstreamAction[]): ApiFailure {
  const others = actions.length === 0 ? 'nothing; its entry in the file says "disabled"' : actions.join(', ');
  return new ApiFailure(409, 'CANNOT', `"${name}" cannot ${action} now`, { remedy: `What it can do now: ${others}` });
}

async function carryOut(name: string, action: UpstreamAction, { control, loader }: ConsoleSources): Promise<void> {
  if (action === 'reload') await loader()?.reload(name);
  else if (action === 'rollback') await loader()?.rollback(name);
  else await control[action](name);
}

async function detailOf(name: string, sources: ConsoleSources, log: LogLines | undefined): Promise<UpstreamDetail> {
  const view = found(name, sources);
  const entry = sources.served.get(name);
  const offer = await entry?.upstream.offer(silentPeer('', { name: 'console' }), false);
  const info = offer?.serverInfo;
  const text = (key: string): Record<string, string> => {
    const value = info?.text(key);
    return value === undefined ? {} : { [key]: value };
  };
  const stderr = entry?.upstream.facts().stderr;
  const lines = log ? [...linesAfter(log, 0, { server: name })].slice(-LOG_LINES) : [];
  const plugin = versionsOf(name, sources);
  return {
    ...view,
    ...(info && { serverInfo: { ...text('name'), ...text('title'), ...text('version') } }),
    ...(offer?.instructions !== undefined && { instructions: offer.instructions }),
    resources: (offer?.resources.length ?? 0) + (offer?.resourceTemplates.length ?? 0),
    prompts: offer?.prompts.length ?? 0,
    running: entry?.drain.running ?? 0,
    ...(stderr && { stderr }),
    log: lines,
    ...(plugin && { plugin }),
  };
}

function versionsOf(name: string, { loader, redact }: ConsoleSources): PluginVersions | undefined {
  const module = loader()
    ?.list()
    .find((one) => one.name === name && one.kind === 'plugin');
  if (!module) return undefined;
  const { state, source, live, kept, lastError } = module;
  return { state, source: redact(source), live, kept, lastError: lastError && redact(lastError.message) };
}
