import { Deployment } from 'kubernetes-models/apps/v1';
import { ConfigMap, PersistentVolumeClaim, Service } from 'kubernetes-models/v1';
import { describe, expect, test } from 'vitest';
import { parseAllDocuments } from 'yaml';
import { read } from './read-file.ts';

const MODELS = { ConfigMap, Deployment, PersistentVolumeClaim, Service };
const documents = parseAllDocuments(read('kubernetes.yaml'));
const objects = documents.map((document) => document.toJS() as { kind: keyof typeof MODELS } & Record<string, never>);
const of = <K extends keyof typeof MODELS>(kind: K) =>
  new MODELS[kind](objects.find((object) => object.kind === kind) as never) as InstanceType<(typeof MODELS)[K]>;

describe('the Kubernetes manifest', () => {
  test('is YAML without mistakes, and has each kind once', () => {
    expect(documents.flatMap(({ errors, warnings }) => [...errors, ...warnings])).toEqual([]);
    expect(objects.map(({ kind }) => kind).sort()).toEqual(Object.keys(MODELS).sort());
  });

  test.each(Object.keys(MODELS) as (keyof typeof MODELS)[])('has a %s that Kubernetes takes', (kind) => {
    expect(() => of(kind).validate()).not.toThrow();
  });

  test('would not be taken with a field of another kind', () => {
    const deployment = of('Deployment');
    expect(() => new Deployment({ ...deployment, spec: { replicas: 'one' } } as never).validate()).toThrow();
  });

  test('gives the container no rights, a root that is read-only, limits, and probes that need no key', () => {
    const pod = of('Deployment').spec?.template.spec;
    const [container] = pod?.containers ?? [];
    expect(pod).toMatchObject({
      automountServiceAccountToken: false,
      securityContext: { runAsNonRoot: true, seccompProfile: { type: 'RuntimeDefault' } },
    });
    expect(container).toMatchObject({
      securityContext: {
        allowPrivilegeEscalation: false,
        readOnlyRootFilesystem: true,
        capabilities: { drop: ['ALL'] },
      },
      resources: { requests: { memory: expect.any(String) }, limits: { memory: expect.any(String) } },
      livenessProbe: { httpGet: { path: '/health/live' } },
      readinessProbe: { httpGet: { path: '/health/ready' } },
    });
    expect(container?.env).toContainEqual({
      name: 'LOCKGATE_KEY',
      valueFrom: { secretKeyRef: { name: 'lockgate', key: 'key' } },
    });
  });

  test('mounts what it names, and selects its own pods', () => {
    const { spec } = of('Deployment');
    const pod = spec?.template.spec;
    const mounts = pod?.containers.flatMap(({ volumeMounts = [] }) => volumeMounts.map(({ name }) => name));
    expect(mounts?.sort()).toEqual(pod?.volumes?.map(({ name }) => name).sort());
    const labels = spec?.template.metadata?.labels;
    expect(labels).toEqual(spec?.selector.matchLabels);
    expect(labels).toEqual(of('Service').spec?.selector);
    expect(pod?.volumes).toMatchObject([
      { configMap: { name: of('ConfigMap').metadata?.name } },
      { persistentVolumeClaim: { claimName: of('PersistentVolumeClaim').metadata?.name } },
      { emptyDir: {} },
    ]);
  });

  test('has the configuration of lockgate.json', () => {
    expect(of('ConfigMap').data).toEqual({ 'lockgate.json': read('lockgate.json') });
  });
});
