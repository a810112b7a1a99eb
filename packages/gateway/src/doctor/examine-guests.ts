import type { Offer } from '../catalog/offer.ts';
import type { PluginEntry } from '../config/modules-section.ts';
import { onlyServer } from '../config/only-server.ts';
import type { GatewayConfig } from '../config/schema.ts';
import { silentLogger } from '../logger.ts';
import { inspectFile } from '../modules/inspect-file.ts';
import { lookAtModule } from '../modules/look-at-module.ts';
import { Guards } from '../monitor/guards.ts';
import type { JsonObject } from '../protocol/message.ts';
import { unlessCancelled } from '../protocol/unless-cancelled.ts';
import { LeftOut } from '../upstream/left-out.ts';
import type { PluginHandle } from '../upstream/plugin-handle.ts';
import { readPluginOffer } from '../upstream/plugin-offer.ts';
import { diagnose } from './diagnose.ts';
import type { ExaminedEntry } from './entry-report.ts';
import type { ExamineContext } from './examine-context.ts';
import { Findings } from './finding.ts';
import { countsOf, saidCounts } from './offer-counts.ts';

const BUILD_AGAIN = 'mend and build the guest again; "lockgate inspect" says what it exports and imports';

/** Loads one plugin, asks for all that it offers, and unloads it. */
export async function examinePlugin(
  name: string,
  entry: PluginEntry,
  { guests, cancellation }: ExamineContext,
): Promise<ExaminedEntry> {
  const start = new Findings('start', name);
  const began = performance.now();
  const report = () => ({
    name,
    kind: 'plugin' as const,
    tookMs: Math.round(performance.now() - began),
    lastLines: [],
  });
  const wrong = await lookAtModule('plugin', entry);
  if (wrong) {
    start.failure({ problem: `${entry.path}: ${wrong.problem}`, remedy: wrong.remedy });
    return { report: report(), findings: start.all };
  }
  const { loadPlugin, unload } = await guests();
  try {
    const plugin = await unlessCancelled(cancellation, loadPlugin(name, { ...entry, watch: false }));
    const offer = await unlessCancelled(cancellation, offerOf(name, plugin));
    const loaded = report();
    await unload(name);
    const said = saidCounts(offer);
    if (said === undefined) start.warning({ problem: 'it gives no tool', remedy: 'check its "settings"' });
    else start.ok(`it gives ${said}`);
    return { report: { ...loaded, counts: countsOf(offer) }, findings: start.all, offer };
  } catch (error) {
    cancellation.throwIfCancelled();
    const [remedy = BUILD_AGAIN] = entry.path === undefined ? [] : (await inspectFile(entry.path)).remedies;
    start.failure(diagnose(error, { remedy }));
    return { report: report(), findings: start.all };
  }
}

async function offerOf(name: string, plugin: PluginHandle): Promise<Offer> {
  const definitions = (await plugin.tools()) ?? [];
  const features = (await plugin.features()) ?? { methods: [], usesFunctions: false };
  const ask = async (method: string): Promise<JsonObject> => ({ ...(await plugin.request(method, {})) });
  return readPluginOffer({ definitions, features, ask, leftOut: new LeftOut(name, silentLogger) });
}

/** Loads the guard of one server and gives it the server's policy; undefined where no guard stands in front of it. */
export async function examineGuard(
  server: string,
  config: GatewayConfig,
  { guests, cancellation }: ExamineContext,
): Promise<ExaminedEntry | undefined> {
  const own = onlyServer(config, server);
  if (own === undefined) return undefined;
  const start = new Findings('start', `guard of ${server}`);
  const began = performance.now();
  const guards = new Guards({
    loader: (await guests()).loader,
    callBackend: () => Promise.reject(new Error('the doctor calls no server')),
    logger: silentLogger,
    now: () => performance.now(),
  });
  await unlessCancelled(cancellation, guards.apply(own));
  const { rule } = guards.ruleOf(server);
  if (rule.kind !== 'guard') return undefined;
  try {
    const guard = await rule.guard();
    await guard.labelAgent(rule.policy, { signal: cancellation.signal });
    start.ok(`the guard "${rule.guardName}" is loaded and takes the policy of "${server}"`);
  } catch (error) {
    cancellation.throwIfCancelled();
    const { problem, remedy } = diagnose(error, { remedy: BUILD_AGAIN });
    start.failure({ problem: `every call of "${server}" is denied: guard "${rule.guardName}": ${problem}`, remedy });
  }
  await guards.apply({ ...own, plugins: {}, mcpServers: {} });
  const tookMs = Math.round(performance.now() - began);
  return { report: { name: server, kind: 'guard', tookMs, lastLines: [] }, findings: start.all };
}
