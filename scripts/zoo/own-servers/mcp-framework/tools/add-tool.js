import { MCPTool } from 'mcp-framework';
import { z } from 'zod';

export default class AddTool extends MCPTool {
  name = 'add';
  description = 'Adds';
  schema = z.object({ a: z.number().describe('one'), b: z.number().describe('other') });

  async execute({ a, b }) {
    return a + b;
  }
}
