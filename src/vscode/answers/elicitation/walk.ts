import type { Field, FieldValue } from './fields.js';

/** Where the user is in a form. */
export interface Step {
  readonly field: Field;
  /** Counted from 1. */
  readonly number: number;
  readonly of: number;
  /** What the field was given before the user went back, or its default. */
  readonly given: FieldValue | undefined;
}

/** What the user did at a step; `undefined` as a value leaves the field out. */
export type StepAnswer =
  | { readonly action: 'next'; readonly value: FieldValue | undefined }
  | { readonly action: 'back' | 'decline' | 'cancel' };

/** MCP `ElicitResult`. */
export type ElicitResult =
  | { readonly action: 'accept'; readonly content?: Readonly<Record<string, FieldValue>> }
  | { readonly action: 'decline' | 'cancel' };

/** Leads through a form, one field at a time, back and forth. @param ask shows one step */
export async function walkForm(
  fields: readonly Field[],
  ask: (step: Step) => Promise<StepAnswer>,
): Promise<ElicitResult> {
  const given = new Map<string, FieldValue | undefined>(fields.map(({ name, fallback }) => [name, fallback]));
  for (let index = 0; index < fields.length;) {
    const field = fields[index] as Field;
    const answer = await ask({ field, number: index + 1, of: fields.length, given: given.get(field.name) });
    if (answer.action === 'decline' || answer.action === 'cancel') return { action: answer.action };
    if (answer.action === 'next') given.set(field.name, answer.value);
    index = answer.action === 'next' ? index + 1 : Math.max(0, index - 1);
  }
  const content = fields.flatMap(({ name }) => {
    const value = given.get(name);
    return value === undefined ? [] : [[name, value] as const];
  });
  return { action: 'accept', content: Object.fromEntries(content) };
}
