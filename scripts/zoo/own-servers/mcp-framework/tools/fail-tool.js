import { MCPTool } from 'mcp-framework';
import { z } from 'zod';

export default class FailTool extends MCPTool {
  name = 'fail';
  description = 'Fails';
  schema = z.object({});

  async execute() {
    throw new Error('failed é');
  }
}
