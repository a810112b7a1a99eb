import type { Program } from './steps.ts';
import { World } from './world.ts';

/** A world that serves one program after the other, and another one after a failure: what is left of that would disturb the next. */
export class Worlds implements AsyncDisposable {
  #world: World | undefined;

  async play(program: Program, play: (world: World, program: Program) => Promise<void>): Promise<void> {
    this.#world ??= await World.open();
    try {
      await play(this.#world, program);
    } catch (error) {
      await this[Symbol.asyncDispose]();
      throw error;
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    const world = this.#world;
    this.#world = undefined;
    await world?.close();
  }
}
