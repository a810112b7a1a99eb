import { CallRefusedError, MessageError, PolicyRejectedError } from '../../errors.ts';
import {
  inside,
  isObject,
  type JsonObject,
  type Place,
  parseDistinctJson,
  readArray,
  readObject,
  readText,
  readTexts,
  refuse,
  refuseOtherFields,
} from '../../json.ts';
import type {
  AgentLabelling,
  Labels,
  ResourceLabelling,
  ResourceRequest,
  ResponseLabelling,
  ResponseRequest,
} from '../../roles/guard.ts';

/** What a guard may say of any answer beside its contents. */
const VERDICTS = ['success', 'ok', 'error'];

/**
 * The message to `label_agent`: the policy as it is.
 *
 * @throws TypeError when the policy has no JSON form.
 */
export function encodeLabelAgent(policy: unknown): string {
  const text: string | undefined = JSON.stringify(policy);
  if (text === undefined) throw new TypeError(`Expected a policy that has a JSON form, got ${typeof policy}.`);
  return text;
}

/** The message to `label_resource`. */
export function encodeLabelResource({ tool, args, capabilities }: ResourceRequest): string {
  return JSON.stringify({ tool_name: tool, tool_args: args ?? {}, capabilities });
}

/** The message to `label_response`. */
export function encodeLabelResponse({ tool, args, result, capabilities }: ResponseRequest): string {
  return JSON.stringify({ tool_name: tool, tool_args: args, tool_result: result ?? null, capabilities });
}

/**
 * @throws ABI_POLICY_REJECTED when the guard answered with a `success` or `ok` that is not `true`, or with a non-empty `error`.
 * @throws ABI_BAD_MESSAGE naming the field; also for a missing or unknown `difc_mode`.
 */
export function decodeLabelAgent(text: string): AgentLabelling {
  const whole: Place = { exportName: 'label_agent', field: '' };
  const json = readObject(parseDistinctJson(text, 'label_agent'), whole);
  if (saysNo(json)) {
    throw new PolicyRejectedError(wordsOf(json) ?? '');
  }
  const difcMode = json.difc_mode;
  if (difcMode !== 'strict' && difcMode !== 'filter' && difcMode !== 'propagate') {
    refuse(inside(whole, 'difc_mode'), '"strict", "filter" or "propagate"', difcMode);
  }
  const normalizedPolicy = json.normalized_policy ?? undefined;
  return {
    agent: readLabels(json.agent, inside(whole, 'agent')),
    difcMode,
    ...(normalizedPolicy === undefined ? {} : { normalizedPolicy }),
  };
}

/**
 * An absent or unknown `operation` counts as `read-write`: both checks hold, and the answer is labelled.
 *
 * @throws ABI_CALL_REFUSED when the guard answered that it cannot label the call, and why.
 * @throws ABI_BAD_MESSAGE naming the field; also for fields that are not known, since they may have been meant as labels.
 */
export function decodeLabelResource(text: string): ResourceLabelling {
  const whole: Place = { exportName: 'label_resource', field: '' };
  const given = readObject(parseDistinctJson(text, 'label_resource'), whole);
  const words = saysNo(given) ? wordsOf(given) : undefined;
  if (words) throw new CallRefusedError(words);
  const json = readAnswer(given, ['resource', 'operation'], whole);
  const place = inside(whole, 'resource');
  const resource = readObject(json.resource, place);
  const operation = json.operation;
  return {
    resource: {
      ...readLabels(resource, place),
      description: readText(resource.description ?? '', inside(place, 'description')),
    },
    operation: operation === 'read' || operation === 'write' ? operation : 'read-write',
  };
}

/**
 * Nothing, `null` and `{}` mean `none`. Fields that are not known are refused: they may have been meant to withhold something.
 *
 * @throws ABI_BAD_MESSAGE naming the field.
 */
export function decodeLabelResponse(text: string): ResponseLabelling {
  if (text === '') return { kind: 'none' };
  const whole: Place = { exportName: 'label_response', field: '' };
  const json = readObject(parseDistinctJson(text, 'label_response') ?? {}, whole);
  if (isPresent(json.labeled_paths)) return decodePaths(json, whole);
  if (isPresent(json.items)) {
    readAnswer(json, ['items'], whole);
    const place = inside(whole, 'items');
    return {
      kind: 'items',
      items: readArray(json.items, place).map((item, i) => decodeItem(item, inside(place, i))),
    };
  }
  if (Object.keys(json).length > 0) refuse(whole, 'empty or have "labeled_paths" or "items"', json);
  return { kind: 'none' };
}

function decodePaths(json: JsonObject, whole: Place): ResponseLabelling {
  readAnswer(json, ['labeled_paths', 'default_labels', 'items_path'], whole);
  const place = inside(whole, 'labeled_paths');
  return {
    kind: 'paths',
    labeledPaths: readArray(json.labeled_paths, place).map((value, index) => {
      const entryPlace = inside(place, index);
      const entry = readObject(value, entryPlace);
      refuseOtherFields(entry, ['path', 'labels'], entryPlace);
      return {
        path: readPointer(entry.path, inside(entryPlace, 'path')),
        labels: readLabels(entry.labels, inside(entryPlace, 'labels')),
      };
    }),
    ...(isPresent(json.default_labels)
      ? { defaultLabels: readLabels(json.default_labels, inside(whole, 'default_labels')) }
      : {}),
    ...(isPresent(json.items_path) ? { itemsPath: readPointer(json.items_path, inside(whole, 'items_path')) } : {}),
  };
}

function decodeItem(value: unknown, place: Place): { data: unknown; labels?: Labels } {
  const item = readObject(value, place);
  refuseOtherFields(item, ['data', 'labels'], place);
  if (!('data' in item)) refuse(inside(place, 'data'), 'there', undefined);
  if (!isPresent(item.labels)) return { data: item.data };
  return { data: item.data, labels: readLabels(item.labels, inside(place, 'labels')) };
}

/** An answer that holds these fields and no others, and does not say that it is none. */
function readAnswer(value: unknown, fields: readonly string[], whole: Place): JsonObject {
  const json = readObject(value, whole);
  if (saysNo(json)) throw new MessageError({ ...whole, problem: 'says that it failed' });
  refuseOtherFields(json, [...fields, ...VERDICTS], whole);
  return json;
}

/** A description is what guards say of resources; of anything else they may say it, too. */
function readLabels(value: unknown, place: Place): Labels {
  const json = readObject(value, place);
  refuseOtherFields(json, ['secrecy', 'integrity', 'description'], place);
  return {
    secrecy: readTexts(json.secrecy, inside(place, 'secrecy')),
    integrity: readTexts(json.integrity, inside(place, 'integrity')),
  };
}

function readPointer(value: unknown, place: Place): string {
  const pointer = readText(value, place);
  return pointer === '' || pointer.startsWith('/') ? pointer : refuse(place, 'a JSON Pointer', pointer);
}

function saysNo(json: JsonObject): boolean {
  // "false" and 0 are no yes either.
  const isRefused = [json.success, json.ok].some((verdict) => isPresent(verdict) && verdict !== true);
  return isRefused || !isEmpty(json.error);
}

/** Why a guard says no, in its own words. */
function wordsOf({ error, message, reason }: JsonObject): string | undefined {
  return [error, message, reason].find((value) => typeof value === 'string');
}

function isPresent(value: unknown): boolean {
  return value !== undefined && value !== null;
}

function isEmpty(error: unknown): boolean {
  return !isPresent(error) || error === '' || error === false || (isObject(error) && Object.keys(error).length === 0);
}
