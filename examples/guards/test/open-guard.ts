import { readFileSync } from 'node:fs';
import {
  type AgentLabelling,
  bindGuard,
  callGuard,
  decodeLabelAgent,
  decodeLabelResource,
  decodeLabelResponse,
  encodeLabelAgent,
  encodeLabelResource,
  encodeLabelResponse,
  type ResourceLabelling,
  type ResponseLabelling,
} from '@lockgate/abi';

/** A built guard with nothing around it but the ABI. `logs` is what it said to the host. */
export interface OpenGuard {
  readonly logs: string[];
  memoryByteLength(): number;
  labelAgent(policy: unknown): AgentLabelling;
  labelResource(tool: string, args: unknown): ResourceLabelling;
  labelResponse(tool: string, args: unknown, result: unknown): ResponseLabelling;
}

export async function openGuard(name: string): Promise<OpenGuard> {
  const bytes = readFileSync(new URL(`../dist/${name}.wasm`, import.meta.url));
  const logs: string[] = [];
  const { instance } = await WebAssembly.instantiate(bytes, {
    env: {
      host_log: (_level: number, pointer: number, byteLength: number) =>
        logs.push(guest.memory.readText({ pointer, byteLength })),
    },
  });
  const guest = bindGuard(instance.exports);
  guest.start?.();
  const { label_agent, label_resource, label_response } = guest.functions;
  return {
    logs,
    memoryByteLength: () => guest.memory.byteLength,
    labelAgent: (policy) =>
      callGuard(guest, {
        exportName: 'label_agent',
        call: label_agent,
        input: encodeLabelAgent(policy),
        decode: decodeLabelAgent,
      }),
    labelResource: (tool, args) =>
      callGuard(guest, {
        exportName: 'label_resource',
        call: label_resource,
        input: encodeLabelResource({ tool, args }),
        decode: decodeLabelResource,
      }),
    labelResponse: (tool, args, result) =>
      callGuard(guest, {
        exportName: 'label_response',
        call: label_response,
        input: encodeLabelResponse({ tool, args, result }),
        decode: decodeLabelResponse,
      }),
  };
}

export const textResult = (text: string) => ({
  content: [{ type: 'text', text }],
  structuredContent: { content: text },
});
