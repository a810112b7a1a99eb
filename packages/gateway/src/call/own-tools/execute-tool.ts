import { ANSWER_KEY, readAsked } from '../../answers/asked-form.ts';
import { bareKeptUri, KEPT_PREFIX } from '../../answers/kept-uri.ts';
import { argumentProblems, parametersLine } from '../../catalog/arguments/argument-problems.ts';
import { ToolArgumentsError, UnknownNameError } from '../../errors.ts';
import { ObjectText } from '../../protocol/frame/object-text.ts';
import { RpcError } from '../../protocol/rpc-error.ts';
import type { KeptAnswers } from '../kept-answers.ts';
import type { Route } from '../route.ts';
import type { OwnTool, OwnToolCall } from './own-tool.ts';
import type { ToolFinder } from './tool-finder.ts';

const DEFINITION = ObjectText.from({
  name: 'execute',
  title: 'Call a tool',
  description:
    'Call a tool that search has found: {"tool":"github__create_issue","arguments":{"title":"Typo"}}. ' +
    'Arguments are as its input schema says; the answer is that of the tool. Ask for less of a long one: ' +
    '{"answer":{"fields":["/items/title"],"columns":true}}.',
  inputSchema: {
    type: 'object',
    properties: {
      tool: { type: 'string', description: 'Its whole name, as search gives it' },
      arguments: { type: 'object' },
      answer: {
        type: ['object', 'boolean'],
        description:
          'fields, omit: JSON Pointers, also into lists; query: JMESPath; columns: lists as tables; false: all',
      },
    },
    required: ['tool'],
    additionalProperties: false,
  },
});

/** `execute`: calls a server's tool on the way of a direct call, once its arguments fit. */
export function executeTool(finder: ToolFinder, kept: KeptAnswers): OwnTool {
  return {
    name: 'execute',
    definition: DEFINITION,
    answer: (call) => {
      const name = call.given.text('tool') ?? '';
      return name.startsWith(KEPT_PREFIX) ? readKept(kept, name, call) : execute(finder, call);
    },
  };
}

const ASKED_BESIDE =
  'what is wanted of a kept answer stands in its address, as ?query=<JMESPath> or ?offset=<bytes>&length=<bytes>';

/** The address of a long answer in place of a tool: for models whose clients let them call tools and nothing else. */
async function readKept(kept: KeptAnswers, uri: string, { given, exchange, endpoint }: OwnToolCall): Promise<Route> {
  const [any] = given.object('arguments')?.keys() ?? [];
  const asked = given.value('answer') ?? false;
  if (any !== undefined || asked !== false) {
    throw new ToolArgumentsError({
      tool: bareKeptUri(uri),
      problems: [ASKED_BESIDE],
      parameters: 'Its argument: tool.',
    });
  }
  try {
    const { server, text, note } = await kept.read(uri, exchange, endpoint);
    const texts = note === undefined ? [text] : [text, note];
    const content = texts.map((one) => ({ type: 'text', text: one }));
    return { kind: 'own', server, target: bareKeptUri(uri), result: ObjectText.from({ content }) };
  } catch (error) {
    if (!(error instanceof RpcError)) throw error;
    return {
      kind: 'own',
      result: ObjectText.from({ content: [{ type: 'text', text: error.message }], isError: true }),
    };
  }
}

async function execute(
  finder: ToolFinder,
  { given, exchange, endpoint, catalog, route, means }: OwnToolCall,
): Promise<Route> {
  const name = given.text('tool') ?? '';
  const found = catalog.tool(name);
  if (found) {
    means(found.source.name, name);
    const asked = given.has('answer') ? readAsked(given.value('answer'), 0) : undefined;
    const isWrong = typeof asked === 'object' && 'problems' in asked;
    const problems = [
      ...(isWrong ? asked.problems : []),
      ...argumentProblems(found.item, given.object('arguments') ?? ObjectText.EMPTY),
    ];
    if (problems.length > 0) {
      throw new ToolArgumentsError({ tool: name, problems, parameters: parametersLine(found.item) });
    }
  }
  try {
    const { params = ObjectText.EMPTY } = exchange.message;
    return route(withAnswer(callParams(params, name, given.bytes('arguments')), given.bytes('answer')));
  } catch (error) {
    if (!(error instanceof UnknownNameError)) throw error;
    const nearest = await finder.nearest(name, { peer: exchange.peer, endpoint, catalog });
    throw new UnknownNameError({ kind: 'tool', asked: name, nearest });
  }
}

/** The parameters of a direct call in those of a call of `execute`: the arguments are the bytes that came. */
function callParams(params: ObjectText, name: string, args: Buffer | undefined): ObjectText {
  const named = params.withValue('name', name);
  return args === undefined ? named.without('arguments') : named.with('arguments', args);
}

/** What is asked of the answer stands where a direct call has it. */
function withAnswer(params: ObjectText, answer: Buffer | undefined): ObjectText {
  if (answer === undefined) return params;
  return params.with('_meta', (params.object('_meta') ?? ObjectText.EMPTY).with(ANSWER_KEY, answer));
}
