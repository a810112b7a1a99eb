import { Deployment } from 'kubernetes-models/apps/v1';
import { HorizontalPodAutoscaler } from 'kubernetes-models/autoscaling/v2';
import { Ingress } from 'kubernetes-models/networking.k8s.io/v1';
import { PodDisruptionBudget } from 'kubernetes-models/policy/v1';
import { ConfigMap, Service } from 'kubernetes-models/v1';
import { describe, expect, test } from 'vitest';
import { parseAllDocuments } from 'yaml';
import { read } from './read-file.ts';

const MODELS = { ConfigMap, Deployment, HorizontalPodAutoscaler, Ingress, PodDisruptionBudget, Service };
const parsed = (file: string) => parseAllDocuments(read(file)).map((document) => document.toJS());
const documents = parseAllDocuments(read('kubernetes-replicas.yaml'));
const objects = parsed('kubernetes-replicas.yaml') as ({ kind: keyof typeof MODELS } & Record<string, never>)[];
const of = <K extends keyof typeof MODELS>(kind: K) =>
  new MODELS[kind](objects.find((object) => object.kind === kind) as never) as InstanceType<(typeof MODELS)[K]>;

describe('the Kubernetes manifest of several gateways', () => {
  test('is YAML without mistakes, and has each kind once', () => {
    expect(documents.flatMap(({ errors, warnings }) => [...errors, ...warnings])).toEqual([]);
    expect(objects.map(({ kind }) => kind).sort()).toEqual(Object.keys(MODELS).sort());
  });

  test.each(Object.keys(MODELS) as (keyof typeof MODELS)[])('has a %s that Kubernetes takes', (kind) => {
    expect(() => of(kind).validate()).not.toThrow();
  });

  test('scales, and disturbs, and reaches, the pods that it starts', () => {
    const { metadata, spec } = of('Deployment');
    const labels = spec?.template.metadata?.labels;
    expect(of('HorizontalPodAutoscaler').spec?.scaleTargetRef).toMatchObject({
      kind: 'Deployment',
      name: metadata?.name,
    });
    expect(of('PodDisruptionBudget').spec?.selector?.matchLabels).toEqual(labels);
    expect(of('Service').spec?.selector).toEqual(labels);
    const [path] = of('Ingress').spec?.rules?.[0]?.http?.paths ?? [];
    expect(path?.backend.service?.name).toBe(of('Service').metadata?.name);
  });

  test('gives the container the rights of the one gateway, and the address of Redis from a secret', () => {
    const one = parsed('kubernetes.yaml').find(({ kind }) => kind === 'Deployment').spec.template.spec;
    const pod = of('Deployment').spec?.template.spec;
    const [container] = pod?.containers ?? [];
    expect(pod?.securityContext).toEqual(one.securityContext);
    expect(container?.securityContext).toEqual(one.containers[0].securityContext);
    expect(container?.env).toContainEqual({
      name: 'REDIS_URL',
      valueFrom: { secretKeyRef: { name: 'lockgate', key: 'redis-url' } },
    });
  });

  test('gives a pod the time that it needs to go: until no node sends to it, for its clients, its calls and its programs', () => {
    const pod = of('Deployment').spec?.template.spec;
    const { exec } = pod?.containers[0]?.lifecycle?.preStop ?? {};
    const preStopMs = Number(/setTimeout\(\(\) => \{\}, (\d+)\)/.exec(exec?.command?.at(-1) ?? '')?.[1]);
    expect(preStopMs).toBeGreaterThanOrEqual(5_000);
    const { shutdownTimeoutMs = 10_000, drainMs = 0 } = JSON.parse(
      of('ConfigMap').data?.['lockgate.json'] ?? '',
    ).gateway;
    // The most that it takes to stop to listen, for clients to fall silent before and after the last calls, and for programs to end.
    const [listeningMs, leaveMs, silentMs, programsMs] = [5_000, 10_000, 10_000, 2_000];
    const neededMs = preStopMs + drainMs + listeningMs + leaveMs + shutdownTimeoutMs + silentMs + programsMs;
    expect((pod?.terminationGracePeriodSeconds ?? 0) * 1_000).toBeGreaterThan(neededMs);
  });

  test('lets a pod wait 15 s for its servers before it listens', () => {
    const { startupProbe } = of('Deployment').spec?.template.spec?.containers[0] ?? {};
    const { periodSeconds = 10, failureThreshold = 3 } = startupProbe ?? {};
    expect(periodSeconds * failureThreshold).toBeGreaterThan(15);
  });

  test('has the configuration of lockgate-replicas.json, but for the folder that each would need', () => {
    const { wasmCacheDir: _, ...gateway } = JSON.parse(read('lockgate-replicas.json')).gateway;
    expect(JSON.parse(of('ConfigMap').data?.['lockgate.json'] ?? '').gateway).toEqual(gateway);
  });
});
