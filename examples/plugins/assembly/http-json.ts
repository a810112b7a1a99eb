// http-json: calls JSON APIs through the host and keeps only the fields that were asked for.
import { definePlugin, Json, Kind, Result } from '../assemblyscript/assembly/sdk';
import { CheckedTool } from '../assemblyscript/assembly/checked-tool';
import { HttpResponse, sendRequest } from '../assemblyscript/assembly/http';
import { JsonPath } from './json-path';

export { name, metadata, tools, configure, execute, healthy, compact_specs, malloc, free } from '../assemblyscript/assembly/sdk';

let baseUrl = '';
let apiKey = '';

// The call that runs now. One call at a time reaches a plugin, so this needs no more than variables: the host's lock
// keeps the next call out while this one waits for its answer.
let url = '';
let paths: JsonPath[] = [];
let pathTexts: string[] = [];

const fetchDefinition = `{
  "name": "fetch_json",
  "description": "Fetches JSON over HTTP and gives the fields asked for, or all of it.",
  "input_schema": {
    "type": "object",
    "properties": {
      "url": { "type": "string", "description": "An http(s) address, or a path to append to the base_url setting." },
      "fields": { "type": "array", "items": { "type": "string" }, "description": "JSONPaths of the fields to keep, e.g. owner.login or items[*].id. Everything by default." },
      "headers": { "type": "object", "additionalProperties": { "type": "string" }, "description": "More request headers, name to value." }
    },
    "required": ["url"],
    "additionalProperties": false
  },
  "annotations": { "title": "Fetch JSON", "readOnlyHint": true, "idempotentHint": true, "openWorldHint": true }
}`;

const postDefinition = `{
  "name": "post_json",
  "description": "Sends JSON in a POST request and gives the fields asked for from the JSON answer, or all of it.",
  "input_schema": {
    "type": "object",
    "properties": {
      "url": { "type": "string", "description": "An http(s) address, or a path to append to the base_url setting." },
      "body": { "type": "object", "description": "The JSON object to send." },
      "fields": { "type": "array", "items": { "type": "string" }, "description": "JSONPaths of the fields to keep. Everything by default." },
      "headers": { "type": "object", "additionalProperties": { "type": "string" }, "description": "More request headers, name to value." }
    },
    "required": ["url", "body"],
    "additionalProperties": false
  },
  "annotations": { "title": "Post JSON", "readOnlyHint": false, "destructiveHint": true, "idempotentHint": false, "openWorldHint": true }
}`;

const fetchJson = new CheckedTool(Json.parse(fetchDefinition), (args: Json): Result => request('fetch_json', 'GET', args, null));

const postJson = new CheckedTool(
  Json.parse(postDefinition),
  (args: Json): Result => request('post_json', 'POST', args, args.at('body').stringify()),
);

definePlugin(
  `{
    "name": "http-json",
    "version": "0.1.0",
    "abi_version": 1,
    "description": "Calls JSON APIs and keeps the fields that matter.",
    "license": "Apache-2.0",
    "capabilities": ["http"],
    "credential_keys": ["api_key"],
    "plain_text_keys": ["base_url"],
    "optional_keys": ["api_key", "base_url"],
    "placeholders": { "base_url": "https://api.example.com/v1", "api_key": "sent as a Bearer token to base_url only" }
  }`,
  [fetchJson, postJson],
  (settings: Json): string => {
    const base = settings.at('base_url').text;
    const key = settings.at('api_key').text;
    if (base != '' && !isAbsolute(base)) return 'the setting "base_url" must start with http:// or https://';
    if (key != '' && base == '') return 'the setting "api_key" needs "base_url": the key is sent nowhere else';
    baseUrl = base.endsWith('/') ? base.substring(0, base.length - 1) : base;
    apiKey = key;
    return '';
  },
);

function request(tool: string, method: string, args: Json, body: string | null): Result {
  const problem = readArguments(args);
  if (problem != '') return new Result(`${tool}: ${problem}`, true);
  const headers = requestHeaders(args.at('headers'), body != null);
  const response = sendRequest(method, url, headers, body);
  const answer = Json.parse(response.body);
  const failed = problemWith(response, answer);
  return failed == '' ? chosenFields(tool, answer) : new Result(`${tool}: ${method} ${withoutQuery(url)} ${failed}`, true);
}

/** Sets the variables of the call; gives what is wrong with its arguments, or ''. */
function readArguments(args: Json): string {
  const given = args.at('url').text;
  if (!isAbsolute(given) && baseUrl == '') {
    return 'the argument "url" must start with http:// or https://, as the setting "base_url" is not set';
  }
  url = isAbsolute(given) ? given : baseUrl + (given.startsWith('/') ? given : '/' + given);
  pathTexts = [];
  paths = [];
  const fields = args.at('fields').items;
  if (!areStrings(fields)) return 'the argument "fields" must hold strings only';
  if (!areStrings(args.at('headers').fields.values())) return 'the argument "headers" must hold strings only';
  for (let i = 0; i < fields.length; i++) {
    const path = new JsonPath(fields[i].text);
    if (path.problem != '') return `the argument "fields" is wrong: ${path.problem}`;
    pathTexts.push(fields[i].text);
    paths.push(path);
  }
  return '';
}

function areStrings(values: Json[]): bool {
  return values.every((value) => value.kind == Kind.String);
}

function isAbsolute(address: string): bool {
  return address.startsWith('https://') || address.startsWith('http://');
}

function requestHeaders(given: Json, hasBody: bool): Json {
  const headers = Json.object().set('Accept', Json.string('application/json'));
  if (hasBody) headers.set('Content-Type', Json.string('application/json'));
  if (apiKey != '' && isBelowBase(url)) headers.set('Authorization', Json.string('Bearer ' + apiKey));
  const names = given.fields.keys();
  for (let i = 0; i < names.length; i++) headers.set(names[i], given.at(names[i]));
  return headers;
}

/** The key must not follow an address such as https://api.example.com.evil.org to another host. */
function isBelowBase(address: string): bool {
  return address == baseUrl || address.startsWith(baseUrl + '/') || address.startsWith(baseUrl + '?');
}

function problemWith(response: HttpResponse, answer: Json): string {
  if (response.status == 0) return `failed: ${response.body}`;
  if (!response.isOk) return `answered ${response.status}: ${excerpt(response.body)}`;
  return answer.kind == Kind.Invalid ? `answered ${response.status} with a body that is ${answer.text}: ${excerpt(response.body)}` : '';
}

function excerpt(body: string): string {
  return body.length > 200 ? body.substring(0, 200) + '...' : body;
}

/** Queries may carry keys: they stay out of messages. */
function withoutQuery(address: string): string {
  const query = address.indexOf('?');
  return query < 0 ? address : address.substring(0, query);
}

function chosenFields(tool: string, answer: Json): Result {
  if (paths.length == 0) return new Result(answer.stringify());
  const chosen = Json.object();
  for (let i = 0; i < paths.length; i++) {
    const matches = paths[i].select(answer);
    if (paths[i].problem != '') return new Result(`${tool}: ${paths[i].problem}`, true);
    const first = matches.length ? matches[0] : new Json(Kind.Null);
    chosen.set(pathTexts[i], paths[i].isSingular ? first : Json.array(matches));
  }
  return new Result(chosen.stringify());
}
