import {
  type AgentLabelling,
  decodeLabelAgent,
  decodeLabelResource,
  decodeLabelResponse,
  encodeLabelAgent,
  encodeLabelResource,
  encodeLabelResponse,
  type ResourceLabelling,
  type ResourceRequest,
  type ResponseLabelling,
  type ResponseRequest,
} from '@lockgate/abi';
import { ModuleClosedError } from '../errors.ts';
import type { LockedModule, Operation } from '../instance/locked-module.ts';
import type { CloseOptions } from '../plugin/plugin.ts';
import type { Guard, GuardCallOptions, GuardStats } from './guard.ts';

/** A guard over a locked module. It has no answer of its own: a call that got no labels from the guest rejects. */
export class GuardModule implements Guard {
  readonly name: string;
  readonly #module: LockedModule;
  readonly #labelAgent: Operation<unknown, AgentLabelling>;
  readonly #labelResource: Operation<ResourceRequest, ResourceLabelling>;
  readonly #labelResponse: Operation<ResponseRequest, ResponseLabelling>;

  constructor(module: LockedModule, name: string) {
    this.name = name;
    this.#module = module;
    const afterClose = (): never => {
      throw new ModuleClosedError({ module: name });
    };
    this.#labelAgent = { exportName: 'label_agent', encode: encodeLabelAgent, decode: decodeLabelAgent, afterClose };
    this.#labelResource = {
      exportName: 'label_resource',
      encode: encodeLabelResource,
      decode: decodeLabelResource,
      afterClose,
    };
    this.#labelResponse = {
      exportName: 'label_response',
      encode: encodeLabelResponse,
      decode: decodeLabelResponse,
      afterClose,
    };
  }

  labelAgent(policy: unknown, options?: GuardCallOptions): Promise<AgentLabelling> {
    return this.#module.runPriming(this.#labelAgent, policy, options);
  }

  labelResource(request: ResourceRequest, options?: GuardCallOptions): Promise<ResourceLabelling> {
    return this.#module.run(this.#labelResource, request, options);
  }

  labelResponse(request: ResponseRequest, options?: GuardCallOptions): Promise<ResponseLabelling> {
    return this.#module.run(this.#labelResponse, request, options);
  }

  async healthy(): Promise<boolean> {
    return this.#module.isOpen && !this.#module.crashLooping;
  }

  close(options: CloseOptions = {}): Promise<void> {
    return this.#module.close(options.drainMs);
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close();
  }

  async stats(): Promise<GuardStats> {
    return this.#module.stats();
  }
}
